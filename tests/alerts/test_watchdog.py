"""Silence makes noise."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError

from alerts import outbox, watchdog
from alerts.escalation import advance_due
from alerts.models import Alert, ProcessBeat
from alerts.selectors import WATCHDOG
from alerts.sweep import beat, sweep
from alerts.watchdog import Watchdog
from tests.alerts.steps import CHEST, fresh, minutes, raise_for
from tests.people import Cast

OPS = "ops@example.org"


@pytest.fixture
def outside(settings: Any) -> Iterator[list[str]]:
    """A heartbeat monitor that remembers who called."""
    calls: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quietly."""

    server = HTTPServer(("127.0.0.1", 0), Monitor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OUTSIDE_HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/ping"
    settings.WATCHDOG_EMAIL = OPS
    yield calls
    server.shutdown()
    server.server_close()


def on_the_board() -> list[str]:
    """What the desk shows in red."""
    return ProcessBeat.objects.get(name=WATCHDOG).detail["broken"]


def by_itself(now: datetime) -> None:
    """What the worker's tick does."""
    sweep(now, driver="watchdog")


def dog(started_ago: float = 1000, **parts: Any) -> Watchdog:
    """A watchdog that has been up for a while."""
    made = Watchdog(**{"sweep": by_itself, **parts})
    made.started -= started_ago
    return made


def test_when_all_is_well_it_pings_outside_and_mails_nobody(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    beat("tick:celery", {}, now)
    watcher = dog()
    assert watcher.run_once(now) == watcher.run_once(now) == []
    assert outside == ["/ping"]
    assert mail.outbox == []
    assert on_the_board() == []


def test_it_sweeps_when_the_worker_does_not_and_says_so(people: Cast, now: datetime, outside: list[str]) -> None:
    beat("tick:celery", {}, now - minutes(10))
    alert = raise_for(people.patient, CHEST, now=now)
    broken = dog().run_once(now)
    assert fresh(alert).step == 1
    assert broken == ["the worker's clock has been silent for 600 seconds; the watchdog does its work"]
    assert ProcessBeat.objects.get(name="tick:watchdog").beat_at == now
    assert outside == []
    assert on_the_board() == broken


def test_it_leaves_the_work_to_a_worker_that_ticks(people: Cast, now: datetime, outside: list[str]) -> None:
    beat("tick:celery", {}, now - timedelta(seconds=3))
    alert = raise_for(people.patient, CHEST, now=now)
    assert dog().run_once(now) == []
    assert fresh(alert).step == 0


def test_it_gives_the_worker_time_to_start(people: Cast, now: datetime, outside: list[str]) -> None:
    assert dog(started_ago=0).run_once(now) == []


def test_an_alert_nobody_moved_is_a_broken_promise(people: Cast, now: datetime, outside: list[str]) -> None:
    raise_for(people.patient, CHEST, now=now - timedelta(seconds=61))
    (broken,) = dog(started_ago=0, sweep=lambda at: None).run_once(now)
    assert broken == "alerts are overdue: 1, for more than 60 seconds"
    assert [message.to for message in mail.outbox] == [[OPS]]
    assert broken in mail.outbox[0].body


@pytest.mark.parametrize("lost", [True, False])
def test_a_message_that_does_not_move_is_a_broken_promise(people: Cast, now: datetime, lost: bool) -> None:
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    if lost:
        outbox.claim_due(now)
    assert watchdog.broken_promises(now + timedelta(seconds=60)) == []
    later = now + timedelta(seconds=121)
    Alert.objects.update(next_step_at=later)
    (broken,) = watchdog.broken_promises(later)
    assert broken.startswith("messages were claimed" if lost else "urgent messages wait")


def test_the_same_trouble_is_mailed_once_and_new_trouble_at_once(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    trouble: list[str] = ["first"]
    beat("tick:celery", {}, now)
    watcher = dog(checks=[lambda at: list(trouble)])
    watcher.run_once(now)
    watcher.run_once(now)
    assert len(mail.outbox) == 1
    trouble.append("second")
    watcher.run_once(now)
    assert len(mail.outbox) == 2
    watcher.mailed_at -= 901
    watcher.run_once(now)
    assert len(mail.outbox) == 3


def test_a_sweep_that_fails_is_a_broken_promise_and_stops_nothing(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    def judge_all(at: datetime) -> None:
        raise ZeroDivisionError("a patient's words")

    ran: list[datetime] = []
    beat("tick:celery", {}, now)
    broken = dog(extra_sweeps=[judge_all, ran.append]).run_once(now)
    assert broken == ["the sweep judge_all failed (ZeroDivisionError)"]
    assert ran == [now]


def test_a_database_that_is_away_is_told_by_the_second_route(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    def away(at: datetime) -> list[str]:
        raise OperationalError("no connection")

    beat("tick:celery", {}, now)
    assert dog(checks=[away]).run_once(now) == ["the database does not answer (OperationalError)"]
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_says_whether_all_promises_are_kept(capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("watchdog", "--once")
    assert ended.value.code == 0
    assert "All promises are kept." in capsys.readouterr().out
    assert ProcessBeat.objects.filter(name="tick:watchdog").exists()
