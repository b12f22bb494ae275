"""Redis or the broker is gone, refuses, or swallows what it is sent: alerts go on by the slower way."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest
import redis
from django.utils import timezone

from alerts.models import Alert
from alerts.monitoring.sweep import sweep
from alerts.screens import live
from config.celery import app
from tests.alerts.steps import CHEST, raise_for
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Everybody, committed."""
    return cast()


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def full_house() -> Iterator[str]:
    """A server whose queue is full: the system drops what else would connect, as a dead host would."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            guest = stack.enter_context(socket.socket())
            guest.setblocking(False)
            guest.connect_ex(server.getsockname())
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture(params=["refused", "swallowed", "unreachable"])
def redis_away(request: Any, settings: Any, black_hole: str, full_house: str, monkeypatch: Any) -> None:
    """Three ways to be gone."""
    urls = {"refused": "redis://127.0.0.1:1/0", "swallowed": black_hole, "unreachable": full_house}
    settings.REDIS_URL = urls[request.param]
    monkeypatch.setattr(live, "_wire", live._Wire())


def test_raising_an_alert_commits_all_the_same(people: Cast, redis_away: None) -> None:
    alert = raise_for(people.patient, CHEST, now=timezone.now())
    assert Alert.objects.filter(pk=alert.pk, state="open").exists()


def test_one_short_try_is_made_and_the_next_wait_for_none(redis_away: None, monkeypatch: Any) -> None:
    tried: list[float] = []
    make = redis.Connection.connect

    def counted(connection: redis.Connection) -> None:
        tried.append(connection.socket_connect_timeout)
        make(connection)

    monkeypatch.setattr(redis.Connection, "connect", counted)
    for _ in range(20):
        live.publish(1)
        live.hint_tick()
    assert tried == [live.TIMEOUT_SECONDS]
    assert live.TIMEOUT_SECONDS <= 0.1


def test_the_sweep_still_pages(people: Cast, redis_away: None, mailoutbox: list[Any]) -> None:
    raise_for(people.patient, CHEST, now=timezone.now())
    sweep()
    assert len(mailoutbox) == 2


def test_it_tries_again_after_a_second(redis_away: None, settings: Any, monkeypatch: Any) -> None:
    calls: list[datetime] = []
    live.publish(1)
    live._wire.attempt(lambda client: calls.append(timezone.now()))
    assert calls == []
    monkeypatch.setattr(live._wire, "rest_until", time.monotonic() - 1)
    live._wire.attempt(lambda client: calls.append(timezone.now()))
    assert len(calls) == 1


def test_the_worker_s_line_is_given_up_when_nothing_on_it_is_acknowledged() -> None:
    with app.connection_for_read() as line:
        pool = line.default_channel.client.connection_pool
        conversation = pool.get_connection()
        try:
            assert conversation._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 4000
            assert conversation._sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert conversation.socket_timeout <= 5
        finally:
            pool.release(conversation)
