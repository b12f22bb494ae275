"""Waiting for what another thread, process or page does: as long as it takes, and never for a fixed time.

The one place in the tests that sleeps (tests/architecture/test_no_fixed_waits.py).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from playwright.sync_api import Page

Found = TypeVar("Found")
EVERY_SECONDS = 0.02


def until(
    condition: Callable[[], Found],
    seconds: float = 10,
    *,
    page: "Page | None" = None,
    every_seconds: float = EVERY_SECONDS,
) -> Found:
    """The first true answer of the condition; AssertionError when none comes in that many seconds.

    page: a page that must go on working meanwhile. every_seconds: how often to ask.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not in {seconds} s; last answer: {found!r}"
        if page:
            page.wait_for_timeout(every_seconds * 1000)
        else:
            time.sleep(every_seconds)
    return found


async def until_async(condition: Callable[[], Found], seconds: float = 10) -> Found:
    """As until, for a story told in one event loop."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not in {seconds} s; last answer: {found!r}"
        await asyncio.sleep(EVERY_SECONDS)
    return found


class StillClock:
    """Time that passes only while somebody sleeps; stands in for the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def drips(part: bytes, times: int, every_seconds: float) -> Iterator[bytes]:
    """One part after another, as a server speaks that is slow on purpose."""
    for _ in range(times):
        time.sleep(every_seconds)
        yield part


def run_scene(
    scene: Coroutine[Any, Any, Found], loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> Found:
    """Run a story to its end, also in a process in which an earlier test left a browser's event loop running."""

    def run() -> Found:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(scene)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    with ThreadPoolExecutor(1) as other_thread:
        return other_thread.submit(run).result()
