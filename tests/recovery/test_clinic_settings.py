"""A manager proposes, the medical lead signs what is less strict, and what counts is a question about a moment."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Patient, Procedure, Staff
from patients.services.errors import NotPossible
from patients.services.lead import lead_of, name_lead
from patients.services.staff import change_staff
from recovery.care_plan import refresh
from recovery.journey import actions
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from recovery.models import ClinicSetting, Reminder
from recovery.selectors import today
from recovery.settings import clinic_settings
from recovery.settings.clinic_config import config_for
from recovery.state import current_state, record, silence
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB

pytestmark = pytest.mark.django_db
FEVER = "fever_threshold_f"
WHY = "The infection round asked for it"
Propose = Callable[..., ClinicSetting]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def propose(people: Cast, now: datetime) -> Propose:
    """The manager proposes the value of a key; from now on, unless told."""

    def put(key: str, value: Any, *, at: datetime | None = None, effective_from: datetime | None = None) -> Any:
        return clinic_settings.propose(
            staff=people.manager, key=key, value=value, reason=WHY, effective_from=effective_from, now=at or now
        )

    return put


@pytest.fixture
def lead(people: Cast, now: datetime) -> Staff:
    name_lead(manager=people.manager, staff=people.physician, now=now)
    return people.physician


def counts(people: Cast, moment: datetime) -> dict[str, Any]:
    """What counts by both ways to ask, which must agree."""
    procedure = record.with_overrides(Procedure.objects.filter(pk=people.procedure.pk)).get()
    found = config_for(people.clinic.pk, moment)
    assert record.config(procedure, moment) == found
    return found


def log(people: Cast, now: datetime, **answers: Any) -> str:
    sent = submit_log(
        read_log(
            patient=people.patient,
            procedure=people.procedure,
            entered_by=people.patient.user,
            answers={**CALM, **answers},
            client_id=uuid.uuid4(),
            answered_at=now,
            now=now,
        )
    )
    assert sent.assessment
    return sent.assessment.tier


def test_a_stricter_value_counts_at_once_and_for_this_clinic_alone(
    people: Cast, now: datetime, propose: Propose
) -> None:
    row = propose(FEVER, 100.0)
    assert (row.state, row.loosens, row.reason, row.proposed_by) == ("active", False, WHY, people.manager)
    assert counts(people, now) == {FEVER: 100.0}
    assert counts(people, now - timedelta(seconds=1)) == {}
    assert config_for(people.other_clinic.pk, now) == {}
    assert log(people, now, temp_value=100.1, temp_unit="F") == "call_doctor_now"


def test_a_looser_value_counts_only_once_the_medical_lead_has_signed_it(
    people: Cast, now: datetime, propose: Propose, lead: Staff
) -> None:
    row = propose(FEVER, 100.8)
    assert (row.state, row.loosens, counts(people, now)) == ("proposed", True, {})
    for other in (people.manager, people.nurse):
        with pytest.raises(NotPossible, match="Only the medical lead"):
            clinic_settings.sign(staff=other, row_id=row.pk, now=now)
    later = now + timedelta(hours=2)
    signed = clinic_settings.sign(staff=lead, row_id=row.pk, now=later)
    assert (signed.state, signed.signed_by, signed.effective_from) == ("active", lead, later)
    assert (counts(people, now), counts(people, later)) == ({}, {FEVER: 100.8})


def test_back_to_the_default_is_less_strict_than_a_stricter_value_and_is_signed_too(
    people: Cast, now: datetime, propose: Propose
) -> None:
    propose(FEVER, 100.0)
    assert propose(FEVER, 100.4).state == "proposed"
    assert counts(people, now) == {FEVER: 100.0}


def test_a_value_for_later_waits_by_itself_and_the_one_before_ends_there(
    people: Cast, now: datetime, propose: Propose
) -> None:
    first, later = propose(FEVER, 100.2), now + timedelta(days=3)
    second = propose(FEVER, 100.0, effective_from=later)
    first.refresh_from_db()
    assert (first.state, first.ended_at, second.state) == ("ended", later, "active")
    assert counts(people, later - timedelta(seconds=1)) == {FEVER: 100.2}
    assert counts(people, later) == {FEVER: 100.0}


def test_an_earlier_value_keeps_a_planned_one_from_ever_counting(
    people: Cast, now: datetime, propose: Propose
) -> None:
    planned = propose(FEVER, 100.2, effective_from=now + timedelta(days=3))
    propose(FEVER, 99.8, effective_from=now + timedelta(days=1))
    planned.refresh_from_db()
    assert planned.state == "ended"
    assert [counts(people, now + timedelta(days=days)).get(FEVER) for days in (0, 1, 3, 9)] == [None, *[99.8] * 3]


def test_less_strict_than_a_planned_value_is_signed_too(people: Cast, now: datetime, propose: Propose) -> None:
    propose(FEVER, 99.5, effective_from=now + timedelta(days=3))
    assert propose(FEVER, 100.0).state == "proposed"


def test_one_proposal_waits_at_a_time_and_may_be_refused_or_taken_back(
    people: Cast, now: datetime, propose: Propose, lead: Staff
) -> None:
    row = propose("latch_h", 100)
    with pytest.raises(NotPossible, match="waits for the medical lead"):
        propose("latch_h", 120)
    refused = clinic_settings.refuse(staff=lead, row_id=row.pk, now=now)
    assert (refused.state, refused.ended_by, counts(people, now)) == ("refused", lead, {})
    with pytest.raises(NotPossible, match="answered meanwhile"):
        clinic_settings.sign(staff=lead, row_id=row.pk, now=now)
    again = clinic_settings.take_back(staff=people.manager, row_id=propose("latch_h", 120).pk, now=now)
    assert (again.state, again.ended_by) == ("refused", people.manager)


def test_what_is_out_of_bounds_unknown_or_set_already_is_refused(propose: Propose) -> None:
    for key, value, words in [
        (FEVER, 105, "must be from 99.0 to 101.0"),
        ("R911-01", 1, "is not a setting"),
        (FEVER, 100.4, "present value already"),
    ]:
        with pytest.raises(NotPossible, match=words):
            propose(key, value)


def test_only_a_physician_of_the_clinic_who_can_sign_in_is_its_medical_lead(people: Cast, now: datetime) -> None:
    for staff in (people.nurse, people.manager, people.other_nurse):
        with pytest.raises(NotPossible, match="Choose a physician"):
            name_lead(manager=people.manager, staff=staff, now=now)
    named = name_lead(manager=people.manager, staff=people.physician, now=now)
    assert (lead_of(people.clinic.pk), named.named_by) == (named, people.manager)
    change_staff(manager=people.manager, person=people.physician, active=True, role=Staff.Role.NURSE)
    assert lead_of(people.clinic.pk) is None


def test_another_clinics_lead_signs_nothing_here(people: Cast, now: datetime, propose: Propose) -> None:
    row = propose("latch_h", 100)
    with pytest.raises(NotPossible, match="answered meanwhile"):
        clinic_settings.sign(staff=people.other_nurse, row_id=row.pk, now=now)


@pytest.mark.parametrize("change", [{"value": 1}, {"reason": "other"}, {"key": "latch_h"}])
def test_what_was_proposed_is_never_rewritten_or_removed(propose: Propose, change: dict[str, Any]) -> None:
    row = propose(FEVER, 100.0)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ClinicSetting.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.delete()


def test_plans_are_looked_at_when_a_value_begins(people: Cast, now: datetime, propose: Propose) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=now + timedelta(hours=6))
    propose("quiet_hours", ["22:00", "07:00"])
    people.patient.refresh_from_db()
    assert people.patient.plan_due_at == now
    begins = now + timedelta(hours=2)
    propose("quiet_hours", ["22:00", "06:30"], effective_from=begins)
    refresh.refresh_due(now)
    people.patient.refresh_from_db()
    assert people.patient.plan_due_at <= begins


def test_reminders_silence_and_permissions_follow_the_clinic(
    people: Cast, now: datetime, propose: Propose
) -> None:
    log(people, now)
    phases = [{"until_h": until, "gap_h": 24} for until in (336, 1008, 2160, None)]
    propose("missed_log_h", phases)
    propose("log_reminder_local", ["09:00", "19:00"])
    procedure = record.with_overrides(Procedure.objects.filter(pk=people.procedure.pk)).get()
    refresh.refresh(procedure, now)
    at = current_state.load(procedure, now + timedelta(hours=1))
    assert silence.due_at(at) == now + timedelta(hours=24)
    keys = Reminder.objects.filter(key__startswith="log:").values_list("key", flat=True)
    assert {key.rpartition(":")[2] for key in keys} == {"09", "19"}


def test_a_contact_rests_and_a_call_back_waits_as_long_as_the_clinic_says(
    people: Cast, now: datetime, propose: Propose
) -> None:
    propose("ack_ttl_h", 24)
    propose("fallback_min", {"default": 15})
    assert log(people, now, **NUMB) == "call_doctor_now"
    view = today(people.patient, now).alert
    assert view
    assert view.fallback_minutes == 15
    alert = actions.record_contact(
        staff=people.nurse, code=view.alert.code, level="contacted", note="Plan.", call_back_by=None, now=now
    )
    alert.refresh_from_db()
    assert alert.ack_expires_at is not None
    # Or earlier, so that nobody is called at night for it.
    assert now + timedelta(hours=4) <= alert.ack_expires_at <= now + timedelta(hours=24)


@pytest.mark.usefixtures("nothing_runs_out")
def test_what_counts_for_a_clinic_is_one_statement(people: Cast, now: datetime, propose: Propose) -> None:
    for day in range(5):
        propose(FEVER, 100.3 - day / 10, effective_from=now + timedelta(days=day))
    with CaptureQueriesContext(connection) as context:
        assert config_for(people.clinic.pk, now + timedelta(days=2)) == {FEVER: pytest.approx(100.1)}
    assert len(context) == 1
