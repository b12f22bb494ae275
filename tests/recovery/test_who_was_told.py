"""What the patient is told of their alert in every state, on the advice page and on Today."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from recovery.journey import actions
from recovery.models import DailyLog
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.phone import user_of

MINUTE = timedelta(minutes=1)
Act = Callable[[Cast, Alert, datetime], object]


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def words(phone: Client, path: str) -> str:
    return text(phone.get(path))


def sent(people: Cast, alert: Alert, now: datetime) -> None:
    advance_due(now)
    Delivery.objects.exclude(channel="board").update(state="sent", sent_at=now)


def delivered(people: Cast, alert: Alert, now: datetime) -> None:
    advance_due(now)
    Delivery.objects.exclude(channel="board").update(state="delivered", sent_at=now, delivered_at=now)


def seen(people: Cast, alert: Alert, now: datetime) -> None:
    actions.acknowledge(staff=people.nurse, code=alert.code, now=now)


def not_reached(people: Cast, alert: Alert, now: datetime) -> None:
    actions.record_try(staff=people.nurse, code=alert.code, note="", now=now)


def talked(people: Cast, alert: Alert, now: datetime) -> None:
    actions.record_contact(
        staff=people.nurse, code=alert.code, level="contacted", note="x", call_back_by=now + 20 * MINUTE, now=now
    )


def time_again(people: Cast, alert: Alert, now: datetime) -> None:
    at = now - 60 * MINUTE
    actions.record_contact(
        staff=people.nurse,
        code=alert.code,
        level="contacted",
        note="x",
        call_back_by=None,
        next_check_at=at + MINUTE,
        now=at,
    )
    advance_due(now)


def closed(people: Cast, alert: Alert, now: datetime) -> None:
    actions.resolve(staff=people.nurse, code=alert.code, outcome="advised", note="x", now=now)


STATES: dict[str, tuple[Act, str, bool]] = {
    "nobody yet": (lambda *_: None, "We are telling the nurse on call.", True),
    "sent": (sent, "We sent a message to your care team at", True),
    "delivered": (delivered, "Our message reached your care team at", True),
    "seen": (seen, "Seen by your nurse Nora at", True),
    "not reached": (not_reached, "Your nurse Nora tried to call you,", True),
    "talked": (talked, "Your nurse Nora was in touch with you,", False),
    "time again": (time_again, "It is time to check on you again.", False),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_words_on_both_pages_and_the_message_stays_until_a_contact(
    phone: Client, people: Cast, send: Send, state: str
) -> None:
    act, line, message_stays = STATES[state]
    log = send(NUMB).log
    act(people, Alert.objects.get(), timezone.now())
    today, advice = words(phone, "/today/"), words(phone, f"/log/{log.code}/advice/")
    assert line in today
    assert line in advice
    assert ("banner-title" in today) is message_stays


def test_when_it_is_closed_the_advice_page_says_so_and_today_is_quiet(
    phone: Client, people: Cast, send: Send
) -> None:
    log = send(NUMB).log
    closed(people, Alert.objects.get(), timezone.now())
    assert "Your care team closed this," in words(phone, f"/log/{log.code}/advice/")
    assert "told-title" not in words(phone, "/today/")


@pytest.mark.parametrize("act", [lambda *_: None, seen, not_reached], ids=["nobody", "seen", "not reached"])
def test_after_the_time_it_says_go_and_whom_to_call_until_somebody_was_in_touch(
    phone: Client, people: Cast, send: Send, act: Act
) -> None:
    send(NUMB)
    act(people, Alert.objects.get(), timezone.now())
    Alert.objects.update(clock_started_at=timezone.now() - 31 * MINUTE)
    strip = words(phone, "/today/?part=told")
    assert "Do not wait any longer. Go to the ER now." in strip
    assert 'href="tel:+13125550100"' in strip


def test_a_missed_call_gives_the_number_to_call_back(phone: Client, people: Cast, send: Send) -> None:
    people.clinic.after_hours_phone = "+13125550199"
    people.clinic.save()
    send(NUMB)
    not_reached(people, Alert.objects.get(), timezone.now())
    strip = words(phone, "/today/?part=told")
    assert "Please call back now:" in strip
    assert 'href="tel:+13125550100"' in strip
    assert 'href="tel:+13125550199"' in strip


def test_a_broken_promise_to_call_back_says_do_not_wait(phone: Client, people: Cast, send: Send) -> None:
    send(NUMB)
    talked(people, Alert.objects.get(), timezone.now())
    assert "Do not wait any longer" not in words(phone, "/today/?part=told")
    Alert.objects.update(clock_started_at=timezone.now() - 90 * MINUTE, call_back_by=timezone.now() - MINUTE)
    assert "Do not wait any longer" in words(phone, "/today/?part=told")


@pytest.mark.parametrize("state", ["nobody yet", "seen", "not reached"])
def test_an_emergency_says_911_first_whatever_the_team_did(
    phone: Client, people: Cast, send: Send, state: str
) -> None:
    log = send(BREATHLESS).log
    STATES[state][0](people, Alert.objects.get(), timezone.now())
    for path in ("/today/", f"/log/{log.code}/advice/"):
        page = words(phone, path)
        main = page[page.index("<main") :]
        assert main.index('href="tel:911"') < main.index(STATES[state][1])
        assert "Do not wait for us. Call 911." in main


def test_worse_after_a_contact_brings_the_message_back(phone: Client, people: Cast, send: Send) -> None:
    send(NUMB)
    talked(people, Alert.objects.get(), timezone.now())
    assert "banner-title" not in words(phone, "/today/")
    send({**NUMB, "numb_change": "worse"})
    assert "banner-title" in words(phone, "/today/")


def test_after_seven_days_the_message_leaves_today(phone: Client, people: Cast, send: Send) -> None:
    at = timezone.now() - timedelta(days=7, minutes=1)
    people.procedure.ended_at = at - timedelta(days=1)
    people.procedure.save()
    send(NUMB, now=at)
    assert DailyLog.objects.count() == 1
    assert "banner-title" not in words(phone, "/today/")


def test_a_message_of_an_earlier_run_is_no_message_of_this_one(phone: Client, people: Cast, send: Send) -> None:
    send(NUMB)
    alert, now = Alert.objects.get(), timezone.now()
    delivered(people, alert, now)
    assert "Our message reached your care team at" in words(phone, "/today/")
    # somebody took it and let the time run out: nobody was told since
    Alert.objects.update(clock_started_at=timezone.now(), reopened=1)
    assert "We are telling the nurse on call." in words(phone, "/today/")
