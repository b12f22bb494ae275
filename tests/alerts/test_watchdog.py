"""Silence makes noise."""

import socketserver
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.selectors import WATCHDOG
from alerts.messaging import outbox
from alerts.models import Alert, ProcessBeat
from alerts.monitoring import second_route
from alerts.monitoring.notify_policy import Teller
from alerts.monitoring.promises import PROMISES, Offender, Promise, ask
from alerts.monitoring.sweep import beat, sweep
from alerts.monitoring.watchdog import Guard, Watchdog
from alerts.sweeping.background_call import Aside
from tests.alerts.steps import CHEST, fresh, minutes, raise_for
from tests.people import Cast
from tests.waiting import drips

OPS = "ops@example.org"
# Whether the settings of a test run are complete is not asked here.
RED = [one for one in PROMISES if not one.warning]


def to_ops() -> list[Any]:
    """What the operator got."""
    return [message for message in mail.outbox if message.to == [OPS]]


@pytest.fixture
def outside(settings: Any, tmp_path: Path) -> Iterator[list[str]]:
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
    settings.WATCHDOG_CONTACT_FILE = tmp_path / "contacts.json"
    yield calls
    server.shutdown()
    server.server_close()


def on_the_board() -> list[str]:
    """What the desk shows in red."""
    return ProcessBeat.objects.get(name=WATCHDOG).detail["broken"]


def broken_at(at: datetime) -> list[str]:
    """What is red, in words."""
    return [one.words for one in ask(PROMISES, at) if not one.is_kept and not one.promise.warning]


def promise(key: str, trouble: list[str], **fields: Any) -> Promise:
    """One that is broken while there is trouble."""
    return Promise(
        key, "A made-up promise.", f"{key}: {{count}}", lambda at, _: [Offender("x", t) for t in trouble], **fields
    )


def by_itself(now: datetime) -> None:
    """What the worker's tick does."""
    sweep(now, driver="watchdog")


def dog(started_ago: float = 1000, **parts: Any) -> Watchdog:
    """A watchdog that has been up for a while."""
    made = Watchdog(**{"sweep": by_itself, "promises": RED, **parts})
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


@pytest.mark.parametrize(
    ("late", "look", "is_silent"),
    [(50, 6, False), (70, 6, True), (119, 60, False), (121, 60, True), (40, 0.5, True)],
)
def test_it_tells_a_slow_machine_from_a_silent_worker(
    people: Cast, now: datetime, outside: list[str], late: int, look: float, is_silent: bool
) -> None:
    beat("tick:celery", {}, now - timedelta(seconds=late))
    watcher = dog()
    watcher.look_seconds = look
    silent, slow = watcher._silent_worker(now)
    assert (bool(silent), bool(slow)) == (is_silent, not is_silent)


def test_it_measures_how_long_it_looks(people: Cast, now: datetime, outside: list[str]) -> None:
    beat("tick:celery", {}, now)
    watcher = dog()
    watcher.run_once(now)
    assert watcher.look_seconds > 0


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
    (message,) = to_ops()
    assert broken in message.body


@pytest.mark.parametrize("lost", [True, False])
def test_a_message_that_does_not_move_is_a_broken_promise(people: Cast, now: datetime, lost: bool) -> None:
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    if lost:
        outbox.claim_due(now)
    assert broken_at(now + timedelta(seconds=60)) == []
    later = now + timedelta(seconds=121)
    Alert.objects.update(next_step_at=later)
    (broken,) = broken_at(later)
    assert broken.startswith("messages were claimed" if lost else "urgent messages wait")


def test_the_same_trouble_is_mailed_once_and_new_trouble_at_once(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    first: list[str] = ["a"]
    second: list[str] = []
    beat("tick:celery", {}, now)
    watcher = dog(promises=[promise("first", first), promise("second", second)])
    watcher.run_once(now)
    first.append("b")  # a count that grows is not new trouble
    watcher.run_once(now)
    assert len(to_ops()) == 1
    second.append("c")
    watcher.run_once(now)
    assert len(to_ops()) == 2
    watcher.teller.told_at -= 901
    watcher.run_once(now)
    assert len(to_ops()) == 3


def test_that_all_is_well_again_is_said_once_after_a_steady_minute(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    trouble = ["a"]
    beat("tick:celery", {}, now)
    watcher = dog(promises=[promise("first", trouble)])
    watcher.run_once(now)
    trouble.clear()
    watcher.run_once(now)
    assert len(to_ops()) == 1
    assert watcher.teller.well_since
    watcher.teller.well_since -= 61
    watcher.run_once(now)
    watcher.run_once(now)
    assert [message.subject for message in to_ops()[1:]] == ["Kypho Recovery: all is well again"]


def test_after_a_start_the_watchdogs_own_long_silence_is_no_trouble(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    beat("tick:celery", {}, now)
    beat(WATCHDOG, {}, now - minutes(60))
    assert dog().run_once(now) == []


def test_a_warning_is_told_to_the_operator_alone_and_turns_nothing_red(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    beat("tick:celery", {}, now)
    watcher = dog(promises=[promise("amber", ["a"], warning=True)])
    assert watcher.run_once(now) == watcher.run_once(now) == on_the_board() == []
    assert [message.to for message in mail.outbox] == [[OPS]]
    assert "needs a look today" in mail.outbox[0].subject
    assert outside == ["/ping"]


def test_managers_are_told_too_each_by_a_message_of_their_own(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    beat("tick:celery", {}, now)
    watcher = dog(promises=[promise("first", [])])
    watcher.run_once(now)
    watcher.promises = [promise("first", ["a"])]
    watcher.run_once(now)
    assert [message.to for message in mail.outbox] == [[OPS], [people.manager.user.email]]


def test_since_when_a_promise_is_broken_is_kept_while_it_lasts(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    beat("tick:celery", {}, now)
    watcher = dog(promises=[promise("first", ["a"])])
    watcher.run_once(now)
    watcher.run_once(now + timedelta(seconds=20))
    assert ProcessBeat.objects.get(name=WATCHDOG).detail["since"] == {"first": now.isoformat()}


def test_a_round_that_never_ends_is_told_without_the_database(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    watcher = dog(started_ago=41)
    guard = Guard(watcher)
    guard.look()
    guard.look()
    (message,) = to_ops()
    assert "the watchdog's round has not ended for 41 seconds" in message.body
    watcher.ended = time.monotonic()
    guard.look()
    assert guard.teller.well_since


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


def test_telling_people_holds_up_no_round(people: Cast, now: datetime, outside: list[str]) -> None:
    slow, told, ended = threading.Event(), [], []

    def tell(message: str, lines: Any, **_: Any) -> bool:
        told.append(message)
        ended.append(slow.wait(30))
        return ended[0]

    beat("tick:celery", {}, now)
    watcher = dog(promises=[promise("first", ["a"])], aside=Aside("telling"))
    watcher.teller.tell = tell
    assert [watcher.run_once(now) for _ in range(3)] == [["first: 1"]] * 3
    assert ended == []
    slow.set()
    assert told == ["staff_watchdog"]


def test_a_mail_server_that_never_comes_to_an_end_is_left_in_time(settings: Any) -> None:
    cut_off = threading.Event()

    class Drip(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                for letter in drips(b"2", 600, 0.1):
                    self.wfile.write(letter)
            except OSError:
                cut_off.set()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.DEMO, settings.SEND_SECONDS, settings.WATCHDOG_EMAIL = False, 1, OPS
        port = server.server_address[1]
        backend = "django.core.mail.backends.smtp.EmailBackend"
        settings.WATCHDOG_MAIL = {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port}
        assert not second_route.tell("staff_watchdog", ["x"], everybody=False)
        assert cut_off.wait(10)
        server.shutdown()


def test_a_database_that_is_away_is_told_by_the_second_route(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    def away(at: datetime, clinic_id: int | None) -> list[Offender]:
        raise OperationalError("no connection")

    beat("tick:celery", {}, now)
    assert dog(promises=[Promise("first", "", "", away)]).run_once(now) == [
        "the database does not answer (OperationalError)"
    ]
    assert len(to_ops()) == 1


def test_a_database_that_takes_no_writes_is_told_as_that_and_no_sweep_is_blamed(
    people: Cast, now: datetime, outside: list[str]
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        said = dog(sweep=sweep).run_once(now)
        transaction.set_rollback(True)
    assert said == ["the database takes no writes (InternalError)"]
    assert len(to_ops()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_says_whether_all_promises_are_kept(capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("watchdog", "--once")
    assert ended.value.code == 0
    assert "All promises are kept." in capsys.readouterr().out
    assert ProcessBeat.objects.filter(name="tick:watchdog").exists()


def test_each_line_begins_with_the_name_of_its_section_in_the_runbook() -> None:
    said: list[str] = []

    def tell(message: str, lines: list[str], *, everybody: bool) -> bool:
        said.extend(lines)
        return True

    Teller(tell=tell).look({"clock-ticks": "the clock is silent"})
    assert said == ["clock-ticks: the clock is silent"]
