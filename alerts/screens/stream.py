"""The event stream of a clinic's screens. It says "changed", never what changed.

One Redis connection per process listens for all streams of the process. Many changes in a row wake a stream once.
After a lost wake-up a screen is out of date until it asks by itself.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from weakref import WeakKeyDictionary

import redis.asyncio as redis
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from alerts.screens.live import board_channel

HEARTBEAT_SECONDS = 15.0
# After this long the stream ends, and the browser connects again.
LIFETIME_SECONDS = 600.0
# How often a stream checks at most that its session still counts, before it sends.
ASK_SECONDS = 5.0
RECONNECT_MS = 3000
# Pauses between tries to reach Redis, doubling from the first to the second. Screens ask by themselves meanwhile.
AGAIN_SECONDS, AGAIN_MOST_SECONDS = 1.0, 15.0
# The log says at most this often that Redis is away.
SAY_EVERY_SECONDS = 60.0

log_lines = logging.getLogger(__name__)
pause = asyncio.sleep


class Hub:
    """Passes "changed" from Redis to the streams of one process (one event loop)."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.task: asyncio.Task[None] | None = None
        self.said_at = float("-inf")

    def join(self, clinic_id: int) -> asyncio.Event:
        """An event that is set when this clinic's board changes. The first stream to join starts the listener."""
        bell = asyncio.Event()
        self.listeners[board_channel(clinic_id)].add(bell)
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._listen())
        return bell

    def leave(self, clinic_id: int, bell: asyncio.Event) -> None:
        """Remove an event. The last stream to leave stops the listener."""
        channel = board_channel(clinic_id)
        self.listeners[channel].discard(bell)
        if not self.listeners[channel]:
            del self.listeners[channel]
        if not self.listeners and self.task:
            self.task.cancel()
            self.task = None

    async def _listen(self) -> None:
        """Connect and pass on changes, for ever. A new connection wakes all streams: they may have missed one."""
        wait_seconds = AGAIN_SECONDS
        while True:
            try:
                async for message in _heard():
                    wait_seconds = AGAIN_SECONDS
                    self._pass_on(message)
            except (RedisError, OSError) as error:
                self._say(error)
            await pause(wait_seconds)
            wait_seconds = min(wait_seconds * 2, AGAIN_MOST_SECONDS)

    def _say(self, error: Exception) -> None:
        if time.monotonic() - self.said_at >= SAY_EVERY_SECONDS:
            self.said_at = time.monotonic()
            log_lines.warning("event stream without Redis: %s", type(error).__name__)

    def _pass_on(self, message: dict[str, object]) -> None:
        if message["type"] == "psubscribe":
            channels = list(self.listeners)
        else:
            name = message["channel"]
            channels = [name.decode() if isinstance(name, bytes) else str(name)]
        for channel in channels:
            for bell in self.listeners.get(channel, ()):
                bell.set()


async def _heard() -> AsyncGenerator[dict[str, object]]:
    """The messages from Redis until it goes away. Its client does not retry, because the caller does."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=1,
        socket_keepalive=True,
        socket_keepalive_options=settings.REDIS_KEEPALIVE,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        async with client.pubsub() as pubsub:
            await pubsub.psubscribe("kypho:board:*")
            async for message in pubsub.listen():
                yield message
    finally:
        await client.aclose()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def changes(clinic_id: int, still: Callable[[], Awaitable[bool]]) -> AsyncGenerator[bytes]:
    """The stream: the wait before a new connection, then "changed" with the time in ms, or a comment as heartbeat.

    still: returns whether the session of the listener still counts. The stream ends when it does not.
    """
    ours = hub()
    bell = ours.join(clinic_id)
    asked = time.monotonic()
    ends = asked + LIFETIME_SECONDS
    try:
        yield f"retry: {RECONNECT_MS}\n\n".encode()
        while time.monotonic() < ends:
            rang = await _rings(bell)
            if time.monotonic() - asked > ASK_SECONDS:
                asked = time.monotonic()
                if not await still():
                    return
            yield f"event: changed\ndata: {int(time.time() * 1000)}\n\n".encode() if rang else b": still here\n\n"
    finally:
        ours.leave(clinic_id, bell)


async def _rings(bell: asyncio.Event) -> bool:
    """Wait for a change, at most HEARTBEAT_SECONDS. Returns whether there was one."""
    try:
        await asyncio.wait_for(bell.wait(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return False
    bell.clear()
    return True
