"""The database's clock steps back: nothing that is due waits until its time comes a second time."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from alerts import lifecycle
from alerts.clock import db_now
from alerts.lifecycle.escalation import advance_due, catch_up
from alerts.lifecycle.selectors import WATCHDOG
from alerts.messaging import outbox
from alerts.messaging.channels import TemporaryFailure
from alerts.models import Alert, CanaryRun, Delivery, ProcessBeat
from alerts.monitoring.clock_jump import SteadyClock
from alerts.monitoring.promises.system import SYSTEM, canary_missed, clock_jumped, no_tick, no_watchdog
from alerts.monitoring.sweep import beat, sweep
from alerts.monitoring.watchdog import Watchdog
from recovery.canary.rounds import fly_when_due
from tests.alerts.steps import CHEST, TIRED, fresh, minutes, raise_for, told, what_happened
from tests.people import Cast

HOUR = timedelta(hours=1)


def test_an_alert_told_before_the_step_goes_on_at_once(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    sweep(now)
    earlier = now + minutes(1) - HOUR
    sweep(earlier)
    assert fresh(alert).step == 2
    assert fresh(alert).next_step_at == earlier + minutes(3)
    assert people.nurse2.pk in [int(to.removeprefix("staff:")) for to in told(alert)]


def test_after_the_step_the_plan_keeps_its_pace(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    sweep(now)
    for seconds in (0, 2, 60, 179):
        sweep(now - HOUR + timedelta(seconds=seconds))
    assert [what for what in what_happened(alert) if what != "no_one_on_call"] == [
        "opened",
        "told",
        "clock_set_back",
        "told",
    ]
    sweep(now - HOUR + minutes(3))
    assert fresh(alert).step == 3


def test_an_alert_opened_before_the_step_is_told_at_once(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    sweep(now - HOUR)
    assert told(alert)


def test_an_answer_from_before_the_step_is_asked_for_again(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    sweep(now - HOUR)
    assert fresh(alert).state == Alert.State.OPEN


def test_a_small_step_changes_nothing(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    assert catch_up(now - timedelta(seconds=5)) == 0
    assert fresh(alert).state == Alert.State.ACKED


def test_by_the_databases_own_clock_nothing_of_this_moment_lies_ahead(people: Cast) -> None:
    alert = raise_for(people.patient, TIRED, now=db_now())
    assert catch_up() == 0
    Alert.objects.filter(pk=alert.pk).update(next_step_at=db_now() + HOUR)
    alert.events.create(at=db_now() + HOUR, what="told")
    assert catch_up() == 1
    assert catch_up() == 0


def test_a_message_written_before_the_step_leaves_at_once(people: Cast, now: datetime) -> None:
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert outbox.claim_due(now - HOUR)


def test_a_message_tried_before_the_step_is_tried_at_once_and_then_in_its_own_pace(
    people: Cast, now: datetime
) -> None:
    raise_for(people.patient, CHEST, now=now - minutes(90))
    advance_due(now - minutes(90))
    Delivery.objects.update(send_by=now + HOUR)
    for row in outbox.claim_due(now):
        outbox.record(row, TemporaryFailure("busy", wait_seconds=30), now)
    earlier = now - HOUR
    for row in outbox.claim_due(earlier):
        outbox.record(row, TemporaryFailure("busy", wait_seconds=30), earlier)
    assert outbox.claim_due(earlier + timedelta(seconds=29)) == []
    assert outbox.claim_due(earlier + timedelta(seconds=30))


def test_a_claim_from_before_the_step_is_taken_back(people: Cast, now: datetime) -> None:
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    (row, *_) = outbox.claim_due(now)
    assert outbox.reclaim_stuck(now - HOUR) >= 1
    assert Delivery.objects.get(pk=row.pk).state == Delivery.State.PENDING


def test_beats_from_before_the_step_prove_nothing(people: Cast, now: datetime) -> None:
    beat("tick:celery", {}, now)
    beat(WATCHDOG, {}, now)
    assert no_tick(now - HOUR, None)
    assert no_watchdog(now - HOUR, None)
    assert not no_tick(now, None)


def test_the_watchdog_sweeps_although_the_workers_last_beat_lies_ahead(people: Cast, now: datetime) -> None:
    beat("tick:celery", {}, now + HOUR)
    swept: list[datetime] = []
    Watchdog(sweep=swept.append, promises=[]).run_once(now)
    assert swept == [now]


@pytest.mark.parametrize("step", [-HOUR, timedelta(seconds=-9), timedelta(seconds=9), HOUR])
def test_a_jump_of_the_clock_turns_red_and_is_told_by_the_second_route(
    people: Cast, now: datetime, settings: Any, tmp_path: Any, step: timedelta
) -> None:
    settings.WATCHDOG_EMAIL, settings.WATCHDOG_CONTACT_FILE = "ops@example.org", tmp_path / "contacts.json"
    steady = [one for one in SYSTEM if one.key == "clock-is-steady"]
    watcher = Watchdog(sweep=lambda at: None, promises=steady)
    assert watcher.run_once(now) == watcher.run_once(now + timedelta(seconds=4)) == []
    assert watcher.run_once(now + timedelta(seconds=4) + step) == ["the database’s clock jumped"]
    assert [message.to for message in mail.outbox if message.to == ["ops@example.org"]]
    found = ProcessBeat.objects.get(name="clock-jump").detail["seconds"]
    assert abs(found - step.total_seconds()) <= 5
    assert clock_jumped(now + step + minutes(17), None) == []


def test_a_slow_answer_of_the_database_is_no_jump(now: datetime) -> None:
    clock, count = SteadyClock(), time.monotonic()
    assert clock.look(now, count, count) == 0
    assert clock.look(now + timedelta(seconds=1), count + 1, count + 31) == 0
    assert clock.look(now + timedelta(seconds=32), count + 32, count + 32) == 0
    assert clock.look(now + timedelta(seconds=23), count + 33, count + 33) == -10


def test_a_canary_round_that_lies_far_ahead_is_due(people: Cast, now: datetime, settings: Any) -> None:
    settings.CANARY_URL = "http://127.0.0.1:9"
    run = CanaryRun.objects.create(due_at=now)
    assert fly_when_due(now - timedelta(minutes=9)) is None
    assert fly_when_due(now - HOUR) == run


def test_a_canary_that_never_flies_is_a_broken_promise(people: Cast, now: datetime, settings: Any) -> None:
    settings.CANARY = True
    CanaryRun.objects.create(due_at=now - HOUR, state="answered", ended_at=now - HOUR)
    CanaryRun.objects.create(due_at=now)
    assert canary_missed(now + minutes(5), None) == []
    assert canary_missed(now + minutes(6), None)
