"""A sign that must be examined, from the nurse's form to the patient's page and back (docs/hazards.md, H9)."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import NUMB, Send
from tests.recovery.desk import action, alert_of
from tests.recovery.phone import user_of

LEAK = {"nerve_gate": "some", "bladder": "leak", "bladder_change": "same_as_before"}
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def alert(people: Cast, send: Send) -> Alert:
    send(LEAK)
    return alert_of(people.patient)


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def fresh(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def today(people: Cast) -> str:
    phone = Client()
    phone.force_login(user_of(people.patient))
    return text(phone.get("/today/"))


def wall(minutes: float) -> str:
    return f"{timezone.now().astimezone(CHICAGO) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}"


def talk(nurse: Client, alert: Alert, **typed: str) -> Any:
    return nurse.post(action(alert, "contact"), {"level": "contacted", "note": "Come in.", **typed}, follow=True)


def test_the_form_asks_for_it_only_when_a_sign_must_be_examined(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    assert "To be examined in person by" not in text(nurse.get(action(alert, "contact")))
    send(LEAK)
    page = text(nurse.get(action(alert, "contact")))
    assert "To be examined in person by" in page
    assert "at the latest" in page


@pytest.mark.slow
def test_the_patient_reads_who_said_it_and_where_to_go(people: Cast, alert: Alert, nurse: Client) -> None:
    talk(nurse, alert, seen_by=wall(90))
    assert "Your nurse Nora told you to be seen by" in today(people)
    assert "If you can not be seen by then, go to the ER now." in today(people)
    assert "To be examined by" in text(nurse.get("/desk/"))


@pytest.mark.parametrize("minutes", [-5, 300, 60 * 24 * 400])
def test_a_time_that_cannot_be_is_explained_and_kept(
    people: Cast, alert: Alert, nurse: Client, minutes: int
) -> None:
    answer = talk(nurse, alert, seen_by=wall(minutes))
    assert answer.status_code == 422
    assert "Choose a time from now to" in text(answer)
    assert wall(minutes)[:10] in text(answer)
    assert "Come in." in text(answer)
    assert fresh(alert).contacted_at is None


@pytest.mark.slow
def test_after_it_passed_the_patient_is_sent_to_the_er(people: Cast, alert: Alert, nurse: Client) -> None:
    talk(nurse, alert)
    past = timezone.now() - timedelta(minutes=1)
    Alert.objects.update(
        seen_by=past, next_step_at=past, acked_at=past - timedelta(hours=4), contacted_at=past - timedelta(hours=4)
    )
    assert advance_due() == 1
    page = today(people)
    assert "That time is over. If no one has seen you, go to the ER now." in page


def test_retention_after_a_contact_about_a_leak_opens_the_alert_at_once(
    people: Cast, alert: Alert, nurse: Client, send: Send
) -> None:
    talk(nurse, alert)
    send(LEAK | {"bladder": "cannot_pee", "bladder_change": "new"})
    assert fresh(alert).state == "open"
    due = fresh(alert).next_step_at
    assert due
    assert due <= timezone.now()


@pytest.mark.slow
def test_the_same_leak_after_the_contact_tells_the_nurse_who_answers_with_one_press(
    people: Cast, alert: Alert, nurse: Client, send: Send
) -> None:
    talk(nurse, alert)
    send(LEAK)
    assert Delivery.objects.filter(message="staff_still", recipient=f"staff:{people.nurse.pk}").exists()
    listed = text(nurse.get("/desk/"))
    assert "A new log still has the sign. Answer by" in listed
    assert "/acknowledge/" in listed
    nurse.post(action(alert, "acknowledge"))
    assert fresh(alert).told_again_at is None
    assert "A new log still has the sign" not in text(nurse.get("/desk/"))


def test_an_examination_takes_the_words_away(people: Cast, alert: Alert, nurse: Client) -> None:
    talk(nurse, alert)
    nurse.post(action(alert, "contact"), {"level": "evaluated", "note": "Seen in the clinic."})
    assert "told you to be seen" not in today(people)


@pytest.mark.slow
def test_learn_says_what_today_says_before_and_after_the_contact(
    people: Cast, alert: Alert, nurse: Client
) -> None:
    phone = signed_in(people.patient)
    assert "Call your doctor now</h2>" in text(phone.get("/learn/"))
    talk(nurse, alert, seen_by=wall(90))
    assert "Call your doctor now" not in today(people)
    learn = text(phone.get("/learn/"))
    assert "Call your doctor now</h2>" not in learn
    assert "told you to be seen by" in learn


def test_learn_sends_to_the_er_as_today_does(people: Cast, send: Send) -> None:
    send({**LEAK, "bladder_change": "new"})
    assert "> Go to the ER now</h2>" in text(signed_in(people.patient).get("/learn/"))
