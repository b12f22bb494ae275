"""One row that cannot be handled holds up nobody else, and is not forgotten."""

from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from alerts.clock import db_now
from alerts.lifecycle.escalation import advance_due
from alerts.messaging import outbox, receipts
from alerts.messaging.channels import CHANNELS, PermanentFailure, Sent
from alerts.models import Alert, Delivery, SmsReply
from alerts.monitoring.promises.moving import overdue
from alerts.monitoring.sweep import beat, sweep
from alerts.monitoring.watchdog import Watchdog
from alerts.screens import live
from alerts.sweeping.one_by_one import Sweep, urgent_is_late, walk
from patients.models import Patient, User
from recovery.logs.texts import take_text
from tests.alerts.steps import CHEST, fresh, minutes, raise_for, told
from tests.attacks.at_once import at_once
from tests.people import Cast, cast, make_mobile, make_patient


def test_an_alert_that_cannot_be_moved_holds_up_no_other(people: Cast, now: datetime) -> None:
    bad = raise_for(people.patient, CHEST, now=now - timedelta(seconds=1))
    good = raise_for(make_patient(people.clinic), CHEST, now=now)
    odd = {**bad.plan, "steps": [{**bad.plan["steps"][0], "channels": [["board"]]}]}
    Alert.objects.filter(pk=bad.pk).update(plan=odd)
    assert advance_due(now) == 1
    assert told(good)
    assert fresh(bad).next_step_at == now - timedelta(seconds=1)
    assert [one.ref for one in overdue(now + minutes(1), None)] == [str(bad.code)]


@pytest.mark.parametrize(
    ("late_seconds", "can_wait", "ends"),
    [(5, True, True), (5, False, False), (1, True, False), (600, True, False)],
)
def test_a_walk_that_can_wait_leaves_its_process_to_what_is_urgent_and_late(
    people: Cast, monkeypatch: Any, late_seconds: int, can_wait: bool, ends: bool
) -> None:
    """Both workers went through the plans of a morning, 25 s each time, while pages of alerts lay there.

    What has been late for longer than a minute cannot be handled, and stops nobody's notes.
    """
    monkeypatch.setattr("alerts.sweeping.one_by_one.ASK_SECONDS", -1.0)
    now = db_now()
    late = raise_for(people.patient, CHEST, now=now)
    Alert.objects.filter(pk=late.pk).update(next_step_at=now - timedelta(seconds=late_seconds))
    everybody = Sweep(
        name="calm",
        words="Calm work",
        due=lambda at: Patient.all_clinics.all(),
        handle=lambda pk, at: True,
        order=("pk",),
        can_wait=can_wait,
    )
    assert walk(everybody, now) == (1 if ends else Patient.all_clinics.count())


def test_a_message_about_an_alert_that_is_late_is_urgent_and_a_note_is_not(people: Cast) -> None:
    alert = raise_for(people.patient, CHEST, now=db_now())
    advance_due()
    assert not urgent_is_late()
    Delivery.objects.filter(state="pending").update(due_at=db_now() - timedelta(seconds=5))
    assert urgent_is_late()
    Delivery.objects.filter(alert=alert).update(urgency=2)
    assert not urgent_is_late()


class SameId:
    """A provider that gives every message the same id."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Take it."""
        return Sent(provider_id="SM-again")


def test_an_id_given_twice_by_a_provider_stops_nothing(people: Cast, now: datetime, monkeypatch: Any) -> None:
    monkeypatch.setitem(CHANNELS, "email", SameId())
    alert = raise_for(people.patient, CHEST, now=now)
    sweep(now)
    by_email = Delivery.objects.filter(alert=alert, channel="email")
    assert set(by_email.values_list("state", flat=True)) == {"sent"}
    assert sorted(by_email.values_list("provider_id", flat=True)) == ["", "SM-again"]


def test_a_sweep_that_breaks_a_rule_of_the_database_stops_no_other_sweep(people: Cast, now: datetime) -> None:
    def broken_row(at: datetime) -> None:
        with transaction.atomic():
            User.objects.create(username=people.nurse.user.username)

    ran: list[datetime] = []
    beat("tick:celery", {}, now)
    broken = Watchdog(sweep=ran.append, extra_sweeps=[broken_row, ran.append], promises=[]).run_once(now)
    assert ran == [now]
    assert broken == [f"the sweep broken_row failed ({IntegrityError.__name__})"]


def test_a_promise_that_cannot_be_asked_is_told_and_the_watchdog_goes_on(people: Cast, now: datetime) -> None:
    beat("tick:celery", {}, now)
    watcher = Watchdog(sweep=lambda at: None, promises=[object()])  # type: ignore[list-item]
    assert watcher.run_once(now) == ["a round of the watchdog failed (AttributeError)"]


def test_a_hint_with_every_line_in_use_raises_nothing(settings: Any) -> None:
    lines = live._publishers(settings.REDIS_URL)
    held = [lines.acquire(block=False) for _ in range(8)]
    try:
        live._wire.attempt(lambda client: client.delete(live.HINTED))
        live.hint_tick()
    finally:
        for line in held:
            line.release()


def test_a_very_long_name_does_not_make_an_answer_by_text_fail(people: Cast, now: datetime) -> None:
    User.objects.filter(pk=people.nurse.user.pk).update(first_name="N" * 150, last_name="S" * 150)
    make_mobile(people.nurse, "+13125550111")
    make_mobile(people.nurse2, "+13125550112")
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    for number in ("+13125550111", "+13125550112"):
        take_text(provider_id=number, number=number, text=fresh(alert).ack_code, now=now)
    assert set(SmsReply.objects.values_list("what", flat=True)) == {"taken", "too_late"}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_may_not_say_who_it_is_holds_up_no_alert(
    transactional_db: None, now: datetime, monkeypatch: Any
) -> None:
    alert = raise_for(cast().patient, CHEST, now=now)
    monkeypatch.setattr("alerts.integrity.epochs.WHERE_WE_ARE", "SELECT * FROM pg_no_such_function()")
    sweep(now)
    assert told(alert)


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_failed_receipt_at_once_do_not_wait_in_a_circle(
    transactional_db: None, now: datetime
) -> None:
    people = cast()
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    tried = Delivery.objects.filter(alert=alert, channel="email").first()
    assert tried
    Delivery.objects.filter(pk=tried.pk).update(attempts=1)
    taken = Event()

    def answer() -> Any:
        with transaction.atomic():
            Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)
            taken.set()
            Event().wait(0.5)
            return outbox.cancel_for(alert)

    def receipt() -> Any:
        taken.wait(5)
        return receipts.record_receipt(channel="email", provider_id="x", state="dead", now=now, key=tried.key)

    cancelled, moved = at_once(answer, receipt)
    assert cancelled >= 1
    assert moved is None


@pytest.mark.django_db(transaction=True)
def test_a_refusal_and_a_receipt_of_one_message_at_once_do_not_wait_in_a_circle(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    people = cast()
    make_mobile(people.nurse, "+13125550111")
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    Delivery.objects.exclude(channel="sms").update(state="cancelled")
    [row] = outbox.claim_due(now)
    marked, go_on = Event(), outbox.next_step_now

    def slow(*known: Any) -> None:
        marked.set()
        Event().wait(0.5)
        go_on(*known)

    def receipt() -> Any:
        marked.wait(5)
        known = {"channel": "sms", "provider_id": "SM1", "state": "delivered", "now": now, "key": row.key}
        return receipts.record_receipt(**known)

    monkeypatch.setattr(outbox, "next_step_now", slow)
    refused = PermanentFailure("not a mobile number")
    state, moved = at_once(lambda: outbox.record(row, refused, now), receipt)
    assert (state, moved) == ("dead", None)
    assert fresh(alert).next_step_at == now
