"""Whatever staff know about a patient is written down, alert or not, and nobody is refused for coming late."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertEvent
from patients.models import AccessEvent
from recovery.journey import actions
from recovery.models import DailyLog, PatientContact
from recovery.sealed_records import EVERY_TRAIL
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB, Send
from tests.recovery.desk import action, alert_of, chart


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def write(client: Client, people: Cast, **typed: str) -> Any:
    return client.post(f"{chart(people.patient)}contact/", {"once": "press-1", "note": "She is well.", **typed})


@pytest.mark.parametrize("kind", ["contacted", "evaluated", "note", "not_reached"])
def test_any_contact_is_written_without_an_alert_and_stands_on_the_chart(
    people: Cast, nurse: Client, kind: str
) -> None:
    assert write(nurse, people, kind=kind).status_code == 302
    row = PatientContact.objects.get()
    assert (row.kind, row.staff, row.alert) == (kind, people.nurse, None)
    page = text(nurse.get(chart(people.patient)))
    assert "She is well." in page
    assert f"{row.get_kind_display()}, Nora Staff" in page
    assert AccessEvent.objects.filter(action="wrote a contact", subject=kind, patient=people.patient).exists()


def test_the_same_press_twice_is_written_once(people: Cast, nurse: Client) -> None:
    write(nurse, people, kind="note")
    write(nurse, people, kind="note")
    assert PatientContact.objects.count() == 1


def test_a_note_needs_words_and_a_call_without_an_answer_does_not(people: Cast, nurse: Client) -> None:
    answer = write(nurse, people, kind="note", note="  ")
    assert answer.status_code == 422
    assert "Write a short note" in text(answer)
    assert write(nurse, people, kind="not_reached", note="").status_code == 302


def test_with_an_alert_a_contact_counts_for_it_and_a_note_does_not(
    people: Cast, send: Send, nurse: Client
) -> None:
    send(NUMB)
    write(nurse, people, kind="note")
    assert alert_of(people.patient).contacted_at is None
    about = str(alert_of(people.patient).code)
    write(nurse, people, kind="contacted", once="press-2", about=about)
    assert alert_of(people.patient).contacted_at is not None
    assert PatientContact.objects.count() == 1
    write(nurse, people, kind="not_reached", once="press-3", about=about)
    assert alert_of(people.patient).tries == 1


def test_a_contact_from_before_an_alert_does_not_answer_it(people: Cast, send: Send, nurse: Client) -> None:
    """The page showed no alert: the nurse cannot have spoken about it."""
    send(NUMB)
    answer = write(nurse, people, kind="contacted")
    assert answer.status_code == 422
    assert "An alert came while this form was open" in text(answer)
    assert alert_of(people.patient).contacted_at is None
    assert f'value="{alert_of(people.patient).code}"' in text(answer)


@pytest.mark.parametrize("level", ["contacted", "evaluated", "not_reached"])
@pytest.mark.slow
def test_a_contact_is_kept_although_a_colleague_closed_the_alert_meanwhile(
    people: Cast, send: Send, nurse: Client, level: str
) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    seen = AlertEvent.objects.latest("pk").pk
    actions.resolve(staff=people.nurse2, code=alert.code, outcome="advised", note="x", now=timezone.now())
    typed = {"level": level, "note": "He fell again.", "once": "press-1", "seen": str(seen)}
    for _ in range(2):
        answer = nurse.post(action(alert, "contact"), typed, follow=True)
        assert "Niles Staff closed this alert meanwhile" in text(answer)
    row = PatientContact.objects.get()
    assert (row.kind, row.note, row.alert, row.staff) == (level, "He fell again.", alert, people.nurse)
    assert Alert.objects.get().state == "resolved"
    assert "the alert it was about had just been closed" in text(nurse.get(chart(people.patient)))


def test_a_promise_made_in_it_stands_in_its_words(people: Cast, send: Send) -> None:
    now = timezone.now()
    send(NUMB)
    alert = alert_of(people.patient)
    actions.resolve(staff=people.nurse2, code=alert.code, outcome="advised", note="x", now=now)
    actions.record_contact(
        staff=people.nurse, code=alert.code, level="contacted", note="ok", call_back_by=now, now=now
    )
    assert "ok Call-back promised by " in PatientContact.objects.get().note


def test_another_clinics_nurse_writes_nothing(people: Cast) -> None:
    assert write(signed_in(people.other_nurse), people, kind="note").status_code == 404
    assert not PatientContact.objects.exists()


def test_contacts_are_sealed_with_all_their_columns() -> None:
    trail = next(trail for trail in EVERY_TRAIL if trail.model is PatientContact)
    assert set(trail.columns) == {field.attname for field in PatientContact._meta.concrete_fields}


# --- A log taken by phone ---


def log(client: Client, people: Cast, **answers: Any) -> Any:
    return client.post(f"{chart(people.patient)}log/", {**CALM, **answers}, follow=True)


def test_a_log_by_phone_passes_the_one_way_in_as_the_nurses(people: Cast, nurse: Client) -> None:
    answer = log(nurse, people)
    row = DailyLog.objects.get()
    assert row.answers["door"] == "nurse"
    assert (row.entered_by, row.assessment.tier) == (people.nurse.user, "on_track")
    assert "The log is stored: On track." in text(answer)
    assert "Taken by phone by Nora Staff." in text(answer)


def test_an_urgent_log_by_phone_opens_the_alert_and_says_what_to_tell_the_patient(
    people: Cast, nurse: Client
) -> None:
    answer = log(nurse, people, em_gate="some", em_breath="severe")
    assert alert_of(people.patient).tier == "call_911"
    assert "Call 911. Tell the patient: " in text(answer)


def test_the_questions_are_the_patients_own(people: Cast, nurse: Client) -> None:
    theirs = text(signed_in(people.patient).get("/log/"))
    page = text(nurse.get(f"{chart(people.patient)}log/"))
    for words in ("em_breath", "numb_where", "pain_move", "question_for_team"):
        assert f'name="{words}"' in theirs
        assert f'name="{words}"' in page


def test_what_is_missing_is_asked_again_and_what_is_urgent_is_stored_at_once(people: Cast, nurse: Client) -> None:
    answer = log(nurse, people, em_gate="some", em_breath="severe", pain_move="x")
    assert answer.status_code == 422
    part = DailyLog.objects.get()
    assert part.partial
    assert alert_of(people.patient).tier == "call_911"
    hidden = {name: answer.context["form"][name].value() for name in ("client_id", "supersedes")}
    log(nurse, people, em_gate="some", em_breath="severe", **hidden)
    assert DailyLog.objects.latest("pk").supersedes == part


def test_no_log_for_somebody_whose_recovery_is_closed(people: Cast, nurse: Client) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert "there is nothing to log" in text(log(nurse, people))
    assert not DailyLog.objects.exists()
