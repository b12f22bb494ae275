"""A row whose work hangs is stopped and set aside; the others go on, on real connections with real commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, connections, transaction
from django.utils import timezone

from alerts.models import SetAside
from alerts.sweeping import row_limits
from patients.models import Patient, Procedure
from recovery.care_plan import refresh
from recovery.models import Milestone
from tests.people import Cast, make_patient, make_procedure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fine(people: Cast, monkeypatch: pytest.MonkeyPatch) -> Procedure:
    """Another recovery whose plan is due after the one that hangs; and limits that a test can wait for."""
    monkeypatch.setattr(row_limits, "LOCK_SECONDS", 0.3)
    monkeypatch.setattr(row_limits, "STATEMENT_SECONDS", 0.6)
    made = make_procedure(make_patient(people.clinic, "Fine"), people.procedure.ended_at)
    now = timezone.now()
    Patient.all_clinics.update(plan_due_at=None)
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=now - timedelta(minutes=2))
    Patient.all_clinics.filter(pk=made.patient_id).update(plan_due_at=now - timedelta(minutes=1))
    return made


@contextmanager
def held(statement: str, *values: object) -> Iterator[None]:
    """Another connection holds rows until the block ends."""
    locked, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, values)
                locked.set()
                over.wait(timeout=30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert locked.wait(timeout=10)
        yield
    finally:
        over.set()
        thread.join()


def hangs(people: Cast, fine: Procedure) -> SetAside:
    """One walk: the other plan is done, and this row, which would have been done in the end, stands aside."""
    refresh.refresh_due(timezone.now())
    assert Milestone.objects.filter(procedure=fine).exists()
    assert not Milestone.objects.filter(procedure=people.procedure).exists()
    return SetAside.objects.get(sweep="plans", row=people.patient.pk)


def test_a_row_locked_by_another_connection_is_set_aside(people: Cast, fine: Procedure) -> None:
    """A session that went to sleep holds its plan: the claim of the person succeeds, the work waits."""
    refresh.refresh_due(timezone.now())
    Milestone.objects.filter(procedure=fine).delete()
    Patient.all_clinics.exclude(plan_due_at=None).update(plan_due_at=timezone.now())
    count = Milestone.objects.filter(procedure=people.procedure).count()
    with held("SELECT 1 FROM recovery_milestone WHERE procedure_id = %s FOR UPDATE", people.procedure.pk):
        refresh.refresh_due(timezone.now())
    assert Milestone.objects.filter(procedure=fine).exists()
    assert count
    row = SetAside.objects.get(sweep="plans", row=people.patient.pk)
    assert (row.error, row.patient_id) == ("OperationalError", people.patient.pk)
    assert row.where.startswith("recovery.care_plan.refresh:")


def test_a_row_is_set_aside_though_not_even_its_patient_can_be_named(people: Cast, fine: Procedure) -> None:
    """Somebody holds the patient's row outright: what stands still is written down without saying whose it is."""
    plans = refresh.PLANS

    def waits(patient_id: int, now: object) -> bool:
        Patient.all_clinics.filter(pk=patient_id).update(plan_due_at=None)
        return True

    with held("SELECT 1 FROM patients_patient WHERE id = %s FOR UPDATE", people.patient.pk):
        done = refresh.walk(replace(plans, handle=waits, instead=None), timezone.now())
    assert done == 1
    row = SetAside.objects.get(sweep="plans", row=people.patient.pk)
    assert (row.error, row.patient_id, row.clinic_id) == ("OperationalError", None, None)


def test_one_slow_statement_is_ended_and_the_row_is_set_aside(people: Cast, fine: Procedure) -> None:
    """A trigger that sleeps stands for a plan the database chose badly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION sleeps() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$;"
            "CREATE TRIGGER sleeps BEFORE INSERT ON recovery_milestone FOR EACH ROW"
            f" WHEN (NEW.procedure_id = {people.procedure.pk}) EXECUTE FUNCTION sleeps()"
        )
    try:
        assert hangs(people, fine).error == "OperationalError"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER sleeps ON recovery_milestone; DROP FUNCTION sleeps()")


def test_many_quick_statements_end_too(people: Cast, fine: Procedure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_limits, "ROW_SECONDS", 0.4)
    ours = refresh.PLANS.handle

    def asks_for_ever(patient_id: int, now: object) -> object:
        # For the rows after this one, whose limit is read when they begin.
        monkeypatch.setattr(row_limits, "ROW_SECONDS", 60.0)
        while patient_id == people.patient.pk:
            Patient.all_clinics.filter(pk=patient_id).exists()
        return ours(patient_id, timezone.now())

    assert refresh.walk(replace(refresh.PLANS, handle=asks_for_ever), timezone.now()) == 1
    assert SetAside.objects.get().error == "TakesTooLong"
    assert Milestone.objects.filter(procedure=fine).exists()


def test_a_row_that_thinks_for_ever_is_ended_by_the_workers_own_limit(people: Cast, fine: Procedure) -> None:
    """Celery raises this in the middle of it, after CELERY_TASK_SOFT_TIME_LIMIT."""
    ours = refresh.PLANS.handle

    def thinks(patient_id: int, now: object) -> object:
        if patient_id == people.patient.pk:
            raise SoftTimeLimitExceeded
        return ours(patient_id, timezone.now())

    refresh.walk(replace(refresh.PLANS, handle=thinks, instead=None), timezone.now())
    assert SetAside.objects.get().error == "SoftTimeLimitExceeded"
    assert Milestone.objects.filter(procedure=fine).exists()


def test_the_limits_end_with_the_row(people: Cast, fine: Procedure) -> None:
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            [value] = cursor.fetchone()
        return str(value)

    before = limit()
    with row_limits.one_row():
        assert limit() == "600ms"
    assert limit() == before
