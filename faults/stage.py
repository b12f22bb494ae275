"""What every scene uses: a real database, the people of the tests, a provider that remembers, and crashes."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections
from django.test import Client

from alerts.clock import db_now
from alerts.lifecycle import answers, escalation
from alerts.messaging import channels, dispatch, outbox, receipts
from alerts.messaging.channels import Sent
from alerts.messaging.channels.email import message_id_for
from alerts.models import Alert, Delivery
from alerts.monitoring.sweep import sweep
from alerts.screens.live_sessions import our_session
from patients.models import User
from recovery.logs import sealed, submit, tell, unjudged
from recovery.logs.read import read_log
from tests.people import Cast, cast
from tests.recovery.conftest import BREATHLESS, CALM

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"
CRASHING = (outbox, receipts, dispatch, escalation, answers, submit, unjudged, sealed, tell)
# Threads of processes that were killed.
DEAD: set[threading.Thread] = set()


class Crash(BaseException):
    """The process is killed here: nothing catches it, and its database session ends."""


class Provider:
    """A channel that is never killed, with the messages it got and the error it answers with."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, str]] = []
        self.failure: Exception | None = None

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Take the message, or raise `failure` when it is set."""
        if self.failure:
            raise self.failure
        message_id = message_id_for(key)
        self.got.append((message_id, address, f"{subject}\n{body}"))
        return Sent(provider_id=message_id)

    @property
    def ids(self) -> list[str]:
        """The message ids, repeats included."""
        return [message_id for message_id, _, _ in self.got]


class Stage:
    """The world of one scene: an empty database with the people of the tests."""

    def __init__(self) -> None:
        _empty_database()
        self.people: Cast = cast()
        self.provider = Provider()
        channels.CHANNELS["email"] = self.provider

    def log(self, changes: dict[str, Any] | None = None, **more: Any) -> Any:
        """Submit a log of the patient, by the database's clock."""
        now = more.pop("now", None) or db_now()
        given = {
            "patient": self.people.patient,
            "procedure": self.people.procedure,
            "entered_by": self.people.patient.user,
            "client_id": uuid.uuid4(),
            "answered_at": now,
            "answers": {**CALM, **(changes or {})},
        }
        return submit.submit_log(read_log(now=now, **{**given, **more}))

    def red(self) -> Alert:
        """Submit a log that needs 911; returns its alert."""
        self.log(BREATHLESS)
        return self.alert()

    def alert(self) -> Alert:
        """The only alert, read anew."""
        return Alert.objects.get()

    def phone(self) -> Client:
        """A test client that is signed in as the patient."""
        client = Client()
        user = self.people.patient.user
        assert isinstance(user, User)
        client.force_login(user, backend=BACKEND)
        return client


def elsewhere(call: Callable[[], Any]) -> Any:
    """Call it in a thread with a database session of its own, which ends with it, as in another process."""
    result: list[Any] = []
    session = ""

    def run() -> None:
        nonlocal session
        try:
            session = our_session()
            result.append(call())
        except Crash:
            result.append(None)
        except Exception as error:
            result.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert result, "it hangs"
    await_end_of(session)
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


def await_end_of(session: str) -> None:
    """Wait until the database has ended this session, shortly after its connection is closed."""
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pid || '@' || extract(epoch FROM backend_start) FROM pg_stat_activity")
            if (session,) not in cursor.fetchall():
                return
            time.sleep(0.01)


@contextmanager
def killed_at(point: str) -> Iterator[None]:
    """Kill every process (thread) that reaches this fail-point inside the block."""

    def fail(here: str) -> None:
        if here == point:
            raise Crash

    for module in CRASHING:
        module.failpoint = fail  # type: ignore[attr-defined]
    try:
        yield
    finally:
        # A killed process ends with all its threads: one that had not begun its call must not make it now.
        DEAD.update(thread for thread in threading.enumerate() if thread.name.startswith("send-"))
        for module in CRASHING:
            module.failpoint = _the_dead_do_nothing  # type: ignore[attr-defined]


def _the_dead_do_nothing(here: str) -> None:
    if threading.current_thread() in DEAD:
        raise Crash


def sweep_at(now: datetime | None = None) -> dict[str, int]:
    """One sweep by a process of its own; returns its counts."""
    counts: dict[str, int] = elsewhere(lambda: sweep(now))
    return counts


def states() -> Counter[str]:
    """The number of deliveries by state, without those of the board."""
    return Counter(Delivery.objects.exclude(channel="board").values_list("state", flat=True))


def _empty_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission',"
            " 'kypho_wall_key')"
        )
        (tables,) = cursor.fetchone()
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
