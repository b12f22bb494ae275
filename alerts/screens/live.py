"""Wake-ups by Redis: "the board changed" and "tick now". A lost wake-up costs seconds, never an alert.

Nothing here raises or waits long. When Redis is away, one try takes at most 100 ms, and there is no other for one
second.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.connection import ConnectionPool
from kombu.exceptions import KombuError
from redis.backoff import NoBackoff
from redis.retry import Retry

from alerts.failpoints import failpoint

TIMEOUT_SECONDS = 0.1
REST_SECONDS = 1.0
TICK = "alerts.tick"
HINTED = "kypho:tick:hinted"
# A hint that no worker has taken may be sent again after this long.
HINT_LASTS_MS = 2000

log_lines = logging.getLogger(__name__)


class _Wire:
    """One Redis client per process, made on first use. After a failure it rests for REST_SECONDS."""

    def __init__(self) -> None:
        self.url = ""
        self.client: redis.Redis | None = None
        self.rest_until = 0.0

    def attempt(self, call: Callable[[redis.Redis], Any]) -> Any:
        """The answer of the call; None when Redis is away or the client rests."""
        if time.monotonic() < self.rest_until and self.url == settings.REDIS_URL:
            return None
        try:
            return call(self._client())
        except redis.RedisError as error:
            self.rest_until = time.monotonic() + REST_SECONDS
            log_lines.warning("no wake-up sent: %s", type(error).__name__)
            return None

    def _client(self) -> redis.Redis:
        if self.client is None or self.url != settings.REDIS_URL:
            self.url = settings.REDIS_URL
            self.client = redis.Redis.from_url(
                self.url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        return self.client


_wire = _Wire()


def board_channel(clinic_id: int) -> str:
    """The name of a clinic's "changed" channel."""
    return f"kypho:board:{clinic_id}"


def publish(clinic_id: int) -> None:
    """Tell the open screens of a clinic that something changed. Never raises."""
    _wire.attempt(lambda client: client.publish(board_channel(clinic_id), "changed"))


def hint_tick() -> None:
    """Ask the worker for a tick now instead of within two seconds. At most one request is queued. Never raises."""
    if not _wire.attempt(lambda client: client.set(HINTED, 1, nx=True, px=HINT_LASTS_MS)):
        return
    failpoint("on_publish")
    try:
        with _publisher() as line:
            current_app.send_task(TICK, connection=line, retry=False, ignore_result=True, expires=10)
    except (KombuError, redis.RedisError, OSError) as error:  # Redis is away, or all connections are in use
        log_lines.warning("no tick hinted: %s", type(error).__name__)


@contextmanager
def _publisher() -> Iterator[Connection]:
    """A pooled connection to the broker with a short timeout for requests; the worker's own waits much longer."""
    with _publishers(settings.REDIS_URL).acquire(block=True, timeout=TIMEOUT_SECONDS) as line:
        yield line


@cache
def _publishers(url: str) -> ConnectionPool:
    line = current_app.connection_for_write(url)
    patience = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    line.transport_options = {**(line.transport_options or {}), **patience}
    return line.Pool(8)


def hint_taken() -> None:
    """Clear the hint. The tick calls this before it reads any row, so that later commits send a new hint."""
    _wire.attempt(lambda client: client.delete(HINTED))
