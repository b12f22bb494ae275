"""Silent patients are worked in their row: by day of recovery, with a text, a call not answered, a promise."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertEvent
from patients.models import Patient
from recovery.care_plan import refresh
from recovery.models import PatientContact, Reminder
from tests.attacks.at_once import at_once
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.desk import WORKLIST, alert_of


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


@pytest.fixture
def silent(people: Cast) -> Patient:
    patient = make_patient(people.clinic, "Silent")
    make_procedure(patient, timezone.now() - timedelta(days=5))
    refresh.refresh_due(timezone.now())
    return patient


def work(nurse: Client, patient: Patient, did: str, **more: str) -> str:
    answer = nurse.post(f"/desk/patients/{patient.code}/silence/", {"did": did, **more}, follow=True)
    return text(answer)


def test_the_row_has_what_is_done_about_silence(people: Cast, nurse: Client, silent: Patient) -> None:
    page = text(nurse.get(WORKLIST))
    assert "No log for 5 days" in page
    for did in ("text", "not_reached", "today", "tomorrow", "in_2_days"):
        assert f'value="{did}"' in page


def test_early_days_come_first_then_the_longest_silence(people: Cast, nurse: Client, silent: Patient) -> None:
    make_procedure(make_patient(people.clinic, "Early"), timezone.now() - timedelta(days=4))
    refresh.refresh_due(timezone.now())
    [group] = [group for group in nurse.get(WORKLIST).context["groups"] if group.key == "silent"]
    names = [row.name.split()[0] for row in group.rows]
    assert names.index("Early") < names.index("Silent")


def test_a_text_asks_once_an_hour_and_stays_when_the_plan_is_made_again(
    people: Cast, nurse: Client, silent: Patient
) -> None:
    assert "a message asks for a log" in work(nurse, silent, "text")
    assert "asked already this hour" in work(nurse, silent, "text")
    Patient.all_clinics.update(plan_due_at=timezone.now())
    refresh.refresh_due(timezone.now())
    asked = Reminder.objects.get(procedure__patient=silent, key__startswith="asked:")
    assert (asked.state, asked.milestone) == ("pending", "")


def test_not_reached_is_a_try_of_the_alert(people: Cast, nurse: Client, silent: Patient) -> None:
    assert "written down, not reached" in work(nurse, silent, "not_reached")
    assert alert_of(silent).tries == 1
    assert "1 call without an answer" in text(nurse.get(WORKLIST))


def test_without_an_alert_it_is_kept_as_a_call(people: Cast, nurse: Client) -> None:
    work(nurse, people.patient, "not_reached")
    assert PatientContact.objects.get(patient=people.patient).kind == "not_reached"


def test_a_promise_rests_until_its_time_with_the_patients_words(
    people: Cast, nurse: Client, silent: Patient
) -> None:
    assert "promised to log by" in work(nurse, silent, "tomorrow", said="His daughter will help")
    alert = alert_of(silent)
    assert alert.snoozed_until
    assert alert.snooze_reason.endswith("His daughter will help")
    assert alert.acked_by == people.nurse


def test_a_promise_of_what_a_colleague_has_says_who_and_since_when(
    people: Cast, nurse: Client, silent: Patient
) -> None:
    work(nurse, silent, "in_2_days")
    until = alert_of(silent).snoozed_until
    said = work(signed_in(people.physician), silent, "tomorrow")
    assert "already taken by Nora Staff at" in said
    assert alert_of(silent).snoozed_until == until


def test_who_is_not_silent_any_more_is_not_put_off(people: Cast, nurse: Client) -> None:
    assert "is not silent any more" in work(nurse, people.patient, "tomorrow")
    assert not Alert.objects.exists()


@pytest.mark.parametrize("wrong", [{"did": "delete"}, {"did": "tomorrow", "said": "x" * 121}])
def test_what_can_not_be_read_writes_nothing_down(
    people: Cast, nurse: Client, silent: Patient, wrong: dict[str, str]
) -> None:
    before = AlertEvent.objects.count()
    assert "Nothing was written down" in work(nurse, silent, **wrong)
    assert AlertEvent.objects.count() == before


def test_it_goes_back_to_where_the_list_was_and_nowhere_else(people: Cast, nurse: Client, silent: Patient) -> None:
    address = f"/desk/patients/{silent.code}/silence/"
    back = nurse.post(address, {"did": "text", "next": "/desk/?show=silent"})
    assert back.headers["Location"] == "/desk/?show=silent"
    away = nurse.post(address, {"did": "text", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == "/desk/"


def test_a_call_pressed_twice_at_once_is_counted_once(nurse: Client, silent: Patient, monkeypatch: Any) -> None:
    """A second try of an urgent alert would send the physician."""
    now = timezone.now().replace(second=20)
    monkeypatch.setattr("recovery.desk.worklist.silence_work.db_now", lambda: now)
    for _ in range(2):
        work(nurse, silent, "not_reached")
    assert alert_of(silent).tries == 1
    assert AlertEvent.objects.filter(what="not_reached").count() == 1


@pytest.mark.parametrize("dids", [("tomorrow", "in_2_days"), ("tomorrow", "tomorrow")])
@pytest.mark.django_db(transaction=True)
def test_of_two_nurses_who_promise_at_the_same_moment_the_second_is_told_who_was_first(
    people: Cast, nurse: Client, silent: Patient, dids: tuple[str, str]
) -> None:
    other = signed_in(people.nurse2)
    told = at_once(*[partial(work, who, silent, did) for who, did in zip((nurse, other), dids, strict=True)])
    assert sum("promised to log by" in page for page in told) == 1
    assert sum("already taken by" in page for page in told) == 1
    assert AlertEvent.objects.filter(what="snoozed").count() == 1


def test_a_promise_pressed_twice_is_one(nurse: Client, silent: Patient, monkeypatch: Any) -> None:
    now = timezone.now().replace(second=20)
    monkeypatch.setattr("recovery.desk.worklist.silence_work.db_now", lambda: now)
    for _ in range(2):
        work(nurse, silent, "tomorrow")
    assert AlertEvent.objects.filter(what="snoozed").count() == 1
