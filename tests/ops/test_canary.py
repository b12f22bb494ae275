"""The canary signs in, logs, is told, and is answered, over real HTTP."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert, CanaryRun, Delivery
from alerts.monitoring.promises.system import canary_missed
from alerts.monitoring.sweep import sweep
from patients.models import Clinic, Patient
from recovery.canary import rounds
from recovery.canary.people import ensure
from recovery.models import DailyLog

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def door(live_server: LiveServer, settings: Any) -> str:
    """The front door, with the second factor asked for as where real patients are."""
    settings.CANARY, settings.CANARY_URL, settings.STAFF_SECOND_FACTOR = True, live_server.url, True
    return str(live_server.url)


@pytest.fixture
def worker() -> Iterator[None]:
    """What the worker does, beside the test."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.3):
            sweep()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def fly() -> CanaryRun:
    """The round that is due now."""
    CanaryRun.objects.update_or_create(state="waiting", defaults={"due_at": timezone.now()})
    run = rounds.fly_when_due(timezone.now())
    assert run
    return run


@pytest.mark.slow
def test_a_round_is_answered_by_the_front_door_and_leaves_nothing_open(door: str, worker: None) -> None:
    run = fly()
    assert (run.state, run.error) == ("answered", "")
    assert run.ended_at
    assert run.sent_at
    assert run.ended_at - run.sent_at < timedelta(seconds=60)
    alert = Alert.objects.get()
    assert (alert.state, alert.tier, alert.clinic.is_canary) == ("resolved", "call_911", True)
    assert alert.resolved_by
    assert alert.resolved_by.clinic.is_canary
    assert DailyLog.objects.get().client_id == run.client_id
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"board"}
    coming = CanaryRun.objects.get(state="waiting")
    assert coming.due_at - run.ended_at == rounds.EVERY
    assert canary_missed(timezone.now(), None) == []


@pytest.mark.slow
def test_a_second_round_finds_all_as_the_first_left_it(door: str, worker: None) -> None:
    first = fly()
    cache.clear()  # a code of the second factor counts once; ten minutes later it is another one
    second = fly()
    assert [first.error, second.error] == ["", ""]
    assert Clinic.objects.count() == Patient.all_clinics.count() == 1
    assert Alert.objects.filter(state="resolved").count() == 2


def test_a_door_that_is_closed_is_a_miss_with_the_step_that_failed(settings: Any, db: None) -> None:
    settings.CANARY, settings.CANARY_URL = True, "http://127.0.0.1:9"
    run = fly()
    assert (run.state, run.error) == ("missed", "sign-in page: ConnectionRefusedError")
    (offender,) = canary_missed(timezone.now(), None)
    assert run.error in offender.ref
    coming = CanaryRun.objects.get(state="waiting")
    assert run.ended_at
    assert coming.due_at - run.ended_at == rounds.SOONER


@pytest.mark.slow
def test_a_worker_that_does_not_send_is_a_miss(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ANSWER_SECONDS", 2.0)
    assert fly().error == "no message reached the canary's nurse"


def test_the_canary_waits_for_its_time_and_its_old_rounds_go(db: None, settings: Any) -> None:
    now = timezone.now()
    settings.CANARY_URL = "http://127.0.0.1:9"
    assert rounds.fly_when_due(now) is None
    old = now - timedelta(days=8)
    CanaryRun.objects.create(state="answered", due_at=old, ended_at=old)
    assert rounds.fly_when_due(now + rounds.FIRST)
    assert not CanaryRun.objects.filter(due_at=old).exists()


def test_the_canary_is_made_by_hand_too_and_begins_a_new_recovery_after_some_days(db: None, capsys: Any) -> None:
    call_command("create_canary")
    people = ensure(timezone.now() + timedelta(days=6))
    assert str(people.clinic.code) in capsys.readouterr().out
    recoveries = people.patient.procedures.order_by("pk")
    assert [one.closed_at is None for one in recoveries] == [False, True]
