"""A clinic asks a patient without the app by text: the question goes out, and 1, 2 or 3 comes back as a log."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from alerts.lifecycle.sms_replies import MOST_CHARACTERS
from alerts.messaging.message_texts import render
from alerts.messaging.reply_words import read
from alerts.models import Alert, Delivery, SmsReply
from patients.models import Patient, User
from recovery.care_plan import refresh, sending
from recovery.logs.texts import CALL_NOW, take_text
from recovery.models import Assessment, DailyLog, Reminder
from recovery.state.record import with_overrides
from tests.people import Cast

ROSA, HILDA = "+13125550177", "+13125550178"
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def rosa(people: Cast, settings: Any) -> Patient:
    """A patient whom the clinic asks by text."""
    settings.SMS_BACKEND = "alerts.messaging.channels.twilio.Twilio"
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=ROSA, short_logs="sms")
    User.objects.filter(pk=people.helper.user_id).update(phone=HILDA)
    return Patient.all_clinics.get(pk=people.patient.pk)


def texted(words: str, number: str = ROSA) -> str:
    name = f"SM{SmsReply.objects.count()}"
    return take_text(provider_id=name, number=number, text=words, now=timezone.now())


def noon() -> datetime:
    """The next noon at the clinic, at least an hour from now."""
    day = (timezone.now() + timedelta(hours=1)).astimezone(CHICAGO)
    at = datetime.combine(day.date(), time(12), CHICAGO)
    return at if at >= day else at + timedelta(days=1)


def due(people: Cast, now: datetime, key: str = "log:x") -> Delivery:
    """A note that asks for a log is due at this time; what was sent."""
    note = Reminder.objects.create(procedure=people.procedure, key=key, due_at=now)
    sending.send_due(now)
    note.refresh_from_db()
    assert note.delivery
    return note.delivery


@pytest.mark.parametrize(
    ("words", "short", "tier", "answer"),
    [
        ("1", "fine", "on_track", "Your clinic has your message."),
        ("２", "worse", "call_doctor_now", "Call your clinic now"),
        ("#3!", "emergency", "call_911", CALL_NOW),
        ("two", "worse", "call_doctor_now", "Call your clinic now"),
        ("1 fine", "fine", "on_track", "Your clinic has your message."),
        ("Tres", "emergency", "call_911", "Llame al 911 ahora."),
    ],
)
def test_one_key_is_a_short_log_and_is_judged(
    rosa: Patient, words: str, short: str, tier: str, answer: str
) -> None:
    assert texted(words).startswith(answer)
    log = DailyLog.objects.get()
    assert log.answers == {"door": "sms", "short_answer": short}
    assert Assessment.objects.get(log=log).tier == tier
    assert Alert.objects.exists() == (tier != "on_track")


@pytest.mark.parametrize("words", ["1 but my chest hurts", "12", "1 2", "4", "0", "1?"])
def test_whatever_else_she_writes_is_words_that_a_person_reads(rosa: Patient, words: str) -> None:
    short = {"1?": {"short_answer": "fine"}}.get(words, {"notes": words})
    texted(words)
    assert DailyLog.objects.get().answers == {"door": "sms", **short}


def test_a_number_from_somebody_who_was_not_asked_is_words(people: Cast, rosa: Patient) -> None:
    Patient.all_clinics.filter(pk=rosa.pk).update(short_logs="")
    assert texted("1").startswith("Your clinic has your message.")
    assert DailyLog.objects.get().answers == {"door": "sms", "notes": "1"}


@pytest.mark.parametrize("words", ["👍", ""])
def test_a_reaction_is_no_log_and_she_reads_how_to_answer(rosa: Patient, words: str) -> None:
    assert texted(words).startswith("Reply 1 for fine, 2 for worse, 3 for help right now. To reach your clinic")
    assert not DailyLog.objects.exists()


def test_a_helper_may_answer_for_her(people: Cast, rosa: Patient) -> None:
    assert texted("2", HILDA).startswith("Call your clinic now")
    assert DailyLog.objects.get().answers == {"door": "sms", "logged_by": "caregiver", "short_answer": "worse"}


def test_she_is_asked_by_a_text_that_says_nothing_about_health(people: Cast, rosa: Patient) -> None:
    row = due(people, noon())
    assert (row.channel, row.message, row.recipient) == ("sms", "patient_ask", f"patient:{rosa.pk}")
    sent = render(row.message, row.context, row.channel).body
    assert "Reply 1 for fine, 2 for worse, 3 for help right now." in sent
    assert len(sent) < MOST_CHARACTERS


@pytest.mark.parametrize("away", ["stopped", "no provider"])
def test_where_texts_do_not_work_she_is_asked_as_everybody(
    people: Cast, rosa: Patient, away: str, settings: Any
) -> None:
    if away == "stopped":
        texted("STOP")
    else:
        settings.SMS_BACKEND = "alerts.messaging.channels.sms.NotSetUp"
    row = due(people, noon())
    assert (row.channel, row.message) == ("email", "patient_reminder")


def test_a_note_of_the_plan_at_the_same_time_stays_please_open(
    people: Cast, rosa: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_why_not", lambda note, at: "")
    now = noon()
    Reminder.objects.create(procedure=people.procedure, key="M-BONE-14D", milestone="M-BONE-14D", due_at=now)
    due(people, now)
    assert set(Delivery.objects.values_list("message", flat=True)) == {"patient_ask", "patient_reminder"}


def test_the_hours_she_chose_are_the_hours_of_her_notes(people: Cast, rosa: Patient) -> None:
    Patient.all_clinics.filter(pk=rosa.pk).update(log_hours=[9, 20])
    now = noon().replace(hour=0)
    type(people.procedure).objects.filter(pk=people.procedure.pk).update(ended_at=now - timedelta(days=3))
    refresh.refresh(with_overrides(rosa.procedures.all()).get(), now)
    notes = Reminder.objects.filter(key__startswith="log:")
    hours = {note.due_at.astimezone(CHICAGO).hour for note in notes}
    assert hours == {9, 20}


def test_a_number_is_read_as_a_number() -> None:
    assert {word: read(word).numbered for word in ("1", "2 ", "３", "one", "11", "")} == {
        "1": "fine", "2 ": "worse", "３": "emergency", "one": "fine", "11": "", "": ""
    }  # fmt: skip
