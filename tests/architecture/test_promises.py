"""The database keeps the promises: each named constraint refuses the row that would break it."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from alerts.models import AlertEvent, DeliveryAction, Epoch, EpochCheck, EscalationPolicyChange, OnCallChange
from patients.models import AccessEvent, Installation, MedicalLead, TrailEvent
from recovery.models import Assessment, CareMessage, CareMessageRead, DailyLog, PatientContact
from tests.architecture.promises import ATTEMPTS, Attempt
from tests.architecture.rows import (
    NOW,
    alert,
    assessment,
    care_message,
    care_message_read,
    delivery,
    epoch,
    epoch_check,
    log,
    oncall_change,
    patient_contact,
    policy_change,
)
from tests.people import Cast, cast

OURS = ("patients", "alerts", "recovery")
APPEND_ONLY: list[type[Model]] = [
    AccessEvent,
    AlertEvent,
    Assessment,
    CareMessage,
    CareMessageRead,
    DailyLog,
    DeliveryAction,
    Epoch,
    EpochCheck,
    EscalationPolicyChange,
    Installation,
    MedicalLead,
    OnCallChange,
    PatientContact,
    TrailEvent,
]


@pytest.fixture
def people(db: None) -> Cast:
    """Everybody."""
    return cast()


def attempts() -> Iterator[tuple[str, Attempt]]:
    """Each attempt with the constraint it is against."""
    return ((name, attempt) for name, several in ATTEMPTS.items() for attempt in several)


@pytest.mark.parametrize(
    ("name", "attempt"), attempts(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_promise_can_not_be_broken(people: Cast, name: str, attempt: Attempt) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        attempt(people)
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_every_constraint_of_the_models_is_attacked() -> None:
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    assert sorted(ATTEMPTS) == sorted(
        constraint.name for model in models for constraint in model._meta.constraints
    )


def written(people: Cast, model: type[Model]) -> Model:
    """One row that is only ever added."""
    if model is Assessment:
        return assessment(people)
    if model is CareMessage:
        return care_message(people)
    if model is CareMessageRead:
        return care_message_read(people)
    if model is DailyLog:
        return log(people)
    if model is EscalationPolicyChange:
        return policy_change(people)
    if model is Epoch:
        return epoch()
    if model is EpochCheck:
        return epoch_check(people, epoch())
    if model is OnCallChange:
        return oncall_change(people)
    if model is MedicalLead:
        return MedicalLead.objects.create(
            clinic=people.clinic, staff=people.physician, named_by=people.manager, named_at=NOW
        )
    if model is DeliveryAction:
        return DeliveryAction.objects.create(delivery=delivery(people), at=NOW, what="retry", staff=people.manager)
    if model is PatientContact:
        return patient_contact(people)
    if model is Installation:
        return Installation.objects.create(kind="real", since=NOW)
    if model is TrailEvent:
        return TrailEvent.objects.create(at=NOW, what="signed_in", user=people.nurse.user)
    if model is AlertEvent:
        return AlertEvent.objects.create(alert=alert(people), at=NOW, what="opened")
    return AccessEvent.objects.create(at=NOW, actor=people.nurse.user, patient=people.patient, action="chart")


@pytest.mark.parametrize("model", APPEND_ONLY)
def test_what_is_only_added_is_never_changed_or_removed(people: Cast, model: type[Model]) -> None:
    row = written(people, model)
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET id = id WHERE id = %s", f"DELETE FROM {table} WHERE id = %s"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement, [row.pk])
    assert model._default_manager.filter(pk=row.pk).exists()


def test_the_tables_with_such_a_trigger_are_the_ones_named_here(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_append_only'")
        tables = {name for (name,) in cursor.fetchall()}
    assert tables == {model._meta.db_table for model in APPEND_ONLY}
