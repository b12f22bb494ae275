"""How long a patient is to wait for a call: from the first unanswered word on, and never moved back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert
from recovery.journey import actions
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.phone import user_of

MINUTE = timedelta(minutes=1)
WEAK = {"nerve_gate": "some", "weak": "yes", "weak_where": ["legs"], "weak_change": "new", "weak_stand": "can"}
GO = "Do not wait any longer"


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def told(phone: Client) -> str:
    return text(phone.get("/today/?part=told"))


def clock(people: Cast, at: datetime) -> str:
    """7:05 PM, on the patient's clock."""
    return at.astimezone(ZoneInfo(people.patient.timezone)).strftime("%-I:%M %p")


def take(people: Cast, at: datetime) -> None:
    actions.acknowledge(staff=people.nurse, code=Alert.objects.get().code, now=at)


def talk(people: Cast, at: datetime, call_back_by: datetime | None = None) -> None:
    code = Alert.objects.get().code
    actions.record_contact(
        staff=people.nurse, code=code, level="contacted", note="x", call_back_by=call_back_by, now=at
    )


def test_who_took_it_and_did_not_call_gives_the_patient_no_new_half_hour(
    phone: Client, people: Cast, send: Send
) -> None:
    start = timezone.now() - 40 * MINUTE
    send(NUMB, now=start)
    take(people, start + 5 * MINUTE)
    advance_due(start + 36 * MINUTE)
    assert Alert.objects.get().state == "open"
    assert f"It is past {clock(people, start + 30 * MINUTE)}. {GO}" in told(phone)
    take(people, start + 37 * MINUTE)
    assert GO in told(phone)


def test_a_worse_log_gives_no_new_half_hour(phone: Client, people: Cast, send: Send) -> None:
    start = timezone.now() - 40 * MINUTE
    send(NUMB, now=start)
    take(people, start + 5 * MINUTE)
    send({**NUMB, "numb_where": ["legs", "belly"], "numb_change": "worse"}, now=start + 20 * MINUTE)
    assert Alert.objects.get().state == "open"
    assert f"It is past {clock(people, start + 30 * MINUTE)}. {GO}" in told(phone)


def test_a_watch_sign_of_long_ago_does_not_count(phone: Client, people: Cast, send: Send) -> None:
    now = timezone.now()
    send({"back_stiff": "new_or_worse"}, now=now - 90 * MINUTE)
    send(NUMB, now=now - 5 * MINUTE)
    assert f"in 30 minutes, by {clock(people, now + 25 * MINUTE)}" in told(phone)


def test_ten_minutes_stay_ten_while_nobody_asked_about_the_weak_leg(
    phone: Client, people: Cast, send: Send
) -> None:
    start = timezone.now() - 8 * MINUTE
    send(WEAK, now=start)
    send({}, now=start + 6 * MINUTE)  # the newest log no longer tells of it
    assert f"in 10 minutes, by {clock(people, start + 10 * MINUTE)}" in told(phone)


@pytest.mark.slow
def test_a_promised_call_that_did_not_come_is_said_until_somebody_was_in_touch(
    phone: Client, people: Cast, send: Send
) -> None:
    people.clinic.after_hours_phone = "+13125550199"
    people.clinic.save()
    start = timezone.now() - 40 * MINUTE
    promised = (start + 25 * MINUTE).replace(second=0, microsecond=0)  # a form knows no seconds
    send(NUMB, now=start)
    talk(people, start + 2 * MINUTE, call_back_by=promised)
    advance_due(promised + timedelta(seconds=1))
    take(people, promised + 5 * MINUTE)
    for state in ("seen", "again"):
        Alert.objects.update(state="acked" if state == "seen" else "open")
        strip = told(phone)
        assert f"You were promised a call by {clock(people, promised)}. {GO}. Call us now:" in strip
        assert 'href="tel:+13125550199"' in strip
        assert "go to the ER" in strip
    talk(people, timezone.now())
    assert "promised" not in told(phone)
    assert GO not in told(phone)


def test_a_promise_is_broken_from_its_very_minute(phone: Client, people: Cast, send: Send) -> None:
    start = timezone.now() - 40 * MINUTE
    send(NUMB, now=start)
    talk(people, start + MINUTE, call_back_by=timezone.now() + MINUTE)
    assert GO not in told(phone)
    Alert.objects.update(call_back_by=timezone.now() - timedelta(seconds=1))  # nothing has swept yet
    assert f"You were promised a call by {clock(people, timezone.now())}. {GO}" in told(phone)


def test_a_call_after_a_contact_that_reached_nobody_counts_from_that_call(
    phone: Client, people: Cast, send: Send
) -> None:
    now = timezone.now()
    send(NUMB, now=now - 120 * MINUTE)
    talk(people, now - 110 * MINUTE)
    actions.record_try(staff=people.nurse, code=Alert.objects.get().code, note="", now=now - 2 * MINUTE)
    strip = told(phone)
    assert "Please call back now:" in strip
    assert GO not in strip
    assert f"by {clock(people, now + 28 * MINUTE)}" in strip


def test_a_new_sign_after_a_contact_has_its_own_half_hour(phone: Client, people: Cast, send: Send) -> None:
    now = timezone.now()
    send(NUMB, now=now - 120 * MINUTE)
    talk(people, now - 110 * MINUTE)
    send(WEAK, now=now - 2 * MINUTE)
    assert f"in 10 minutes, by {clock(people, now + 8 * MINUTE)}" in told(phone)


def test_an_emergency_that_is_over_leaves_no_new_half_hour(phone: Client, people: Cast, send: Send) -> None:
    start = timezone.now() - 40 * MINUTE
    send(BREATHLESS, now=start)
    send({}, now=start + 35 * MINUTE)
    assert f"It is past {clock(people, start + 30 * MINUTE)}. {GO}" in told(phone)
