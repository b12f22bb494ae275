"""Redis or the broker is gone, refuses, or swallows what it is sent: alerts go on by the slower way."""

import socket
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from alerts import live
from alerts.models import Alert
from alerts.sweep import sweep
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


@pytest.fixture(params=["refused", "swallowed", "unreachable"])
def redis_away(request: Any, settings: Any, black_hole: str, monkeypatch: Any) -> None:
    """Three ways to be gone. 203.0.113.0/24 is reserved for documentation: nobody answers there."""
    urls = {
        "refused": "redis://127.0.0.1:1/0",
        "swallowed": black_hole,
        "unreachable": "redis://203.0.113.1:6379/0",
    }
    settings.REDIS_URL = urls[request.param]
    monkeypatch.setattr(live, "_wire", live._Wire())


def test_raising_an_alert_commits_within_half_a_second(people: Cast, redis_away: None) -> None:
    now = timezone.now()
    start = time.monotonic()
    alert = raise_for(people.patient, CHEST, now=now)
    assert time.monotonic() - start < 0.5
    assert Alert.objects.filter(pk=alert.pk, state="open").exists()


def test_one_try_costs_at_most_a_tenth_of_a_second_and_the_next_none(redis_away: None) -> None:
    start = time.monotonic()
    live.publish(1)
    first = time.monotonic() - start
    for _ in range(20):
        live.publish(1)
        live.hint_tick()
    assert first < 0.15
    assert time.monotonic() - start - first < 0.05


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
