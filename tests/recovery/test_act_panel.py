"""The act panel: one form says whom staff reached, what was said and what comes next; nothing of it is lost."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertEvent, AlertSign
from recovery.journey import actions
from recovery.models import PatientContact
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import alert_of, another, chart

WARM = {"site_gate": "some", "site_redness": "small_not_spreading"}
WEAK = {"nerve_gate": "some", "weak": "yes", "weak_where": ["legs"], "weak_change": "new", "weak_stand": "hard"}


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def press(client: Client, people: Cast, alert: Alert | None = None, **typed: str) -> Any:
    """Send the panel as the page has it now."""
    form: dict[str, Any] = {"once": str(uuid.uuid4()), "seen": "0"}
    if alert:
        newest = AlertEvent.objects.filter(alert=alert).latest("pk").pk
        form |= {"alert": str(alert.code), "seen": str(newest)}
    return client.post(f"{chart(people.patient)}act/", {**form, **typed})


def fresh(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def events(alert: Alert) -> list[str]:
    return list(AlertEvent.objects.filter(alert=alert).order_by("pk").values_list("what", flat=True))


def test_one_form_takes_contacts_and_closes(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    answer = press(nurse, people, alert, reached="patient", then="done", outcome="advised", note="Rest; ice.")
    assert answer.status_code == 302
    closed = fresh(alert)
    assert (closed.state, closed.outcome, closed.outcome_note) == ("resolved", "advised", "Rest; ice.")
    assert closed.contacted_at
    assert events(alert)[-2:] == ["contacted", "resolved"]


def test_a_doctor_now_alert_closes_without_a_note_and_a_911_does_not(
    people: Cast, send: Send, nurse: Client
) -> None:
    send(NUMB)
    done = {"reached": "patient", "then": "done", "outcome": "advised"}
    assert press(nurse, people, alert_of(people.patient), **done).status_code == 302
    send(BREATHLESS)
    alert = alert_of(people.patient)
    answer = press(nurse, people, alert, **done)
    assert answer.status_code == 422
    assert "this was a 911 alert" in text(answer)
    assert fresh(alert).state == "open"
    assert press(nurse, people, alert, **done, note="In the ambulance.").status_code == 302


def test_look_again_rests_until_then(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert, at = alert_of(people.patient), timezone.now() + timedelta(hours=2)
    when = f"{at.astimezone(ZoneInfo(people.clinic.timezone)):%Y-%m-%dT%H:%M}"
    assert press(nurse, people, alert, reached="helper", then="again", next_check_at=when).status_code == 302
    rests = fresh(alert)
    assert rests.state == "acked"
    assert rests.next_check_at
    assert abs(rests.next_check_at - at) < timedelta(minutes=1)
    assert AlertEvent.objects.get(alert=alert, what="contacted").note == "Spoke with a helper."


def test_a_sign_that_must_be_seen_asks_by_when(people: Cast, send: Send, nurse: Client) -> None:
    send(WEAK)
    alert = alert_of(people.patient)
    assert "To be seen" in text(nurse.get(f"{chart(people.patient)}act/"))
    assert press(nurse, people, alert, reached="patient", then="seen").status_code == 302
    assert fresh(alert).seen_by


def test_an_examination_raises_the_signs_to_examined(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    press(nurse, people, alert_of(people.patient), reached="in_person", then="again")
    assert set(AlertSign.objects.values_list("ack", flat=True)) == {"evaluated"}


def test_nobody_is_a_try_and_no_contact(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    answer = press(nurse, people, alert, reached="nobody")
    assert answer.status_code == 302
    assert (fresh(alert).tries, fresh(alert).contacted_at) == (1, None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choose whom you reached"),
        ({"reached": "patient"}, "Choose what comes next"),
        ({"reached": "patient", "then": "done"}, "Choose how it ended"),
        ({"reached": "patient", "then": "done", "outcome": "sign_gone"}, "sign_gone"),
        ({"reached": "patient", "then": "again", "next_check_at": "2020-01-01T10:00"}, "within the next 48 hours"),
    ],
)
def test_a_mistake_is_said_and_keeps_what_was_typed(
    people: Cast, send: Send, nurse: Client, typed: dict[str, str], words: str
) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    answer = press(nurse, people, alert, note="Typed with care.", **typed)
    assert answer.status_code == 422
    page = text(answer)
    assert words in page
    assert "Typed with care." in page
    assert fresh(alert).state == "open"


def test_without_an_alert_a_contact_is_kept_on_the_chart(people: Cast, nurse: Client) -> None:
    assert press(nurse, people, reached="patient", note="She is well.").status_code == 302
    row = PatientContact.objects.get()
    assert (row.kind, row.note) == ("contacted", "She is well.")
    assert press(nurse, people, reached="patient").status_code == 422
    assert press(nurse, people, reached="nobody").status_code == 302


def test_a_contact_from_before_an_alert_does_not_answer_it(people: Cast, send: Send, nurse: Client) -> None:
    """The page showed no alert: the nurse cannot have spoken about one."""
    send(BREATHLESS)
    alert = alert_of(people.patient)
    answer = press(nurse, people, reached="patient", note="She is well.")
    assert answer.status_code == 422
    page = text(answer)
    assert "An alert came while this form was open" in page
    assert "She is well." in page
    assert fresh(alert).contacted_at is None
    assert str(alert.code) in page


def test_a_colleague_who_was_faster_is_said_and_nothing_is_lost(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    newest = AlertEvent.objects.filter(alert=alert).latest("pk").pk
    actions.acknowledge(staff=people.nurse2, code=alert.code, now=timezone.now())
    answer = press(nurse, people, alert, reached="patient", then="again", note="Mine.", seen=str(newest))
    assert answer.status_code == 422
    assert "Niles Staff" in text(answer)
    assert "Mine." in text(answer)
    assert fresh(alert).acked_by == people.nurse2


def test_what_was_said_stays_when_a_colleague_closed_the_alert(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    typed = {"reached": "patient", "then": "done", "outcome": "advised", "note": "Told to rest."}
    newest = AlertEvent.objects.filter(alert=alert).latest("pk").pk
    actions.resolve(staff=people.nurse2, code=alert.code, outcome="expected", note="x", now=timezone.now())
    assert press(nurse, people, alert, **typed, seen=str(newest)).status_code == 302
    assert fresh(alert).outcome == "expected"
    assert PatientContact.objects.get().note == "Told to rest."


def test_the_same_press_twice_is_stored_once(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert, once = alert_of(people.patient), str(uuid.uuid4())
    typed = {"reached": "patient", "then": "done", "outcome": "advised", "once": once}
    newest = str(AlertEvent.objects.filter(alert=alert).latest("pk").pk)
    for _ in range(2):
        assert press(nurse, people, alert, **typed, seen=newest).status_code == 302
    assert events(alert).count("contacted") == events(alert).count("resolved") == 1


def test_an_alert_of_another_patient_is_never_answered_here(people: Cast, send: Send, nurse: Client) -> None:
    other = another(people, send, "Olga", NUMB)
    alert = alert_of(other)
    press(nurse, people, alert, reached="patient", then="done", outcome="advised", note="x")
    assert fresh(alert).state == "open"


def test_to_strangers_the_patient_does_not_exist(people: Cast) -> None:
    page = f"{chart(people.patient)}act/"
    assert [client.get(page).status_code for client in strangers(people)] == [404] * 4
