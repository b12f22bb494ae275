"""One person whose record cannot be read stops nobody else: set aside, seen, tried again, whole again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from alerts.models import Alert, Delivery, SetAside
from patients.models import Patient, Procedure
from recovery.care_plan import refresh, sending
from recovery.desk.worklist import stuck_work
from recovery.models import Milestone, Reminder
from recovery.promises import EVERY_PROMISE
from tests.patients.pages import text
from tests.people import Cast, make_clinic, make_patient, make_procedure

# Ten in the morning in the patients' zone (America/Chicago, standard time).
ENDED = datetime(2026, 11, 10, 16, 0, tzinfo=UTC)
NOW = ENDED + timedelta(hours=24)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def others(people: Cast) -> list[Procedure]:
    """Three more recoveries; the first person's record is read as nobody could have written it."""
    made = [make_procedure(make_patient(people.clinic, first_name=f"Other {n}"), ENDED) for n in range(3)]
    Procedure.objects.update(ended_at=ENDED)
    Patient.all_clinics.update(plan_due_at=ENDED)
    poison(people)
    return made


def poison(people: Cast, zone: str = "Pacific/Olympus") -> None:
    """A zone that looks like a place and is none: the database takes it, and no form does."""
    Patient.all_clinics.filter(pk=people.patient.pk).update(timezone=zone)


def broken() -> list[str]:
    """The promise as the operator reads it."""
    [promise] = [one for one in EVERY_PROMISE if one.key == "no-row-stands-still"]
    return [one.what for one in promise.ask(NOW + timedelta(hours=1)).offenders]


def test_one_plan_that_cannot_be_worked_out_stops_no_other(people: Cast, others: list[Procedure]) -> None:
    assert refresh.refresh_due(NOW) >= len(others)
    for procedure in others:
        assert Milestone.objects.filter(procedure=procedure).exists()
    row = SetAside.objects.get(sweep="plans")
    assert (row.patient_id, row.clinic_id, row.count) == (people.patient.pk, people.clinic.pk, 1)
    assert row.since == row.tried_at == NOW
    assert row.where.startswith("recovery.")
    assert "Olympus" not in f"{row.error}{row.where}"


def test_one_note_that_cannot_be_sent_stops_no_other(people: Cast, others: list[Procedure]) -> None:
    for procedure in (people.procedure, *others):
        Reminder.objects.create(procedure=procedure, key="log:2026-11-11:10", due_at=NOW)
    assert sending.send_due(NOW) == len(others)
    assert SetAside.objects.get(sweep="notes").row == people.procedure.pk
    assert Delivery.objects.filter(message="patient_reminder").count() == len(others)
    assert Reminder.objects.get(procedure=people.procedure).state == "pending"


@pytest.mark.slow
def test_what_is_set_aside_is_tried_again_later_and_later(people: Cast, others: list[Procedure]) -> None:
    refresh.refresh_due(NOW)
    refresh.refresh_due(NOW)
    refresh.refresh_due(NOW + timedelta(seconds=14))
    assert SetAside.objects.get().count == 2
    tries, now = [], NOW
    for _ in range(8):
        now = SetAside.objects.get().due_at
        refresh.refresh_due(now)
        tries.append(SetAside.objects.get().due_at - now)
    assert tries == sorted(tries)
    assert tries[0] == timedelta(seconds=30)
    assert tries[-1] == timedelta(minutes=15)
    assert (SetAside.objects.get().count, SetAside.objects.get().since) == (10, NOW)


def test_the_operator_reads_of_it_after_the_second_try(people: Cast, others: list[Procedure]) -> None:
    refresh.refresh_due(NOW)
    assert broken() == []
    refresh.refresh_due(NOW + MINUTE)
    [line] = broken()
    assert line.startswith("plans: ")


def test_a_record_that_is_mended_and_saved_goes_through_at_once(people: Cast, others: list[Procedure]) -> None:
    refresh.refresh_due(NOW)
    refresh.refresh_due(NOW + MINUTE)
    poison(people, "America/Chicago")
    refresh.look_soon(people.patient, NOW + 2 * MINUTE)
    refresh.refresh_due(NOW + 2 * MINUTE)
    assert not SetAside.objects.exists()
    assert Milestone.objects.filter(procedure=people.procedure).exists()


def test_what_is_not_due_any_more_is_forgotten(people: Cast, others: list[Procedure]) -> None:
    refresh.refresh_due(NOW)
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=None)
    refresh.refresh_due(NOW + MINUTE)
    assert not SetAside.objects.exists()


@pytest.mark.slow
def test_silence_is_noticed_though_the_plan_cannot_be_worked_out(people: Cast, others: list[Procedure]) -> None:
    refresh.refresh_due(ENDED + timedelta(hours=47))
    assert not Alert.objects.exists()
    later = ENDED + timedelta(hours=49)
    refresh.refresh_due(later)
    refresh.refresh_due(later + timedelta(hours=1))
    alert = Alert.objects.get(patient=people.patient)
    assert [sign.sign for sign in alert.signs.all()] == ["RW-24"]


def test_clinics_take_turns(people: Cast, others: list[Procedure]) -> None:
    small = make_procedure(make_patient(make_clinic(name="Small")), ENDED)
    Patient.all_clinics.filter(pk=small.patient_id).update(plan_due_at=ENDED + MINUTE)
    poison(people, "America/Chicago")
    Patient.all_clinics.filter(clinic=people.other_clinic).update(plan_due_at=None)
    refresh.walk(refresh.PLANS, NOW, most=2)
    assert Milestone.objects.filter(procedure=small).exists()


@override_settings(STAFF_SECOND_FACTOR=False)
@pytest.mark.slow
def test_the_clinic_reads_it_on_the_list_and_on_the_chart(people: Cast, others: list[Procedure]) -> None:
    refresh.refresh_due(NOW)
    refresh.refresh_due(NOW + MINUTE)
    SetAside.objects.update(since=timezone.now() - MINUTE)
    stuck_work._kept.clear()
    desk = Client()
    desk.force_login(people.nurse.user, backend="django.contrib.auth.backends.ModelBackend")
    page = text(desk.get("/desk/"))
    assert "The system cannot do its work for 1 patient right now." in page
    assert f'{people.patient.name}</a> <span class="quiet">since' in page
    assert ">The plan and its notes</span>" in page
    chart = text(desk.get(f"/desk/patients/{people.patient.code}/"))
    assert "Standing still since" in chart
    assert "</strong> The plan and its notes. The system cannot work this out." in chart
    elsewhere = Client()
    elsewhere.force_login(people.other_nurse.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "cannot do its work" not in text(elsewhere.get("/desk/"))
