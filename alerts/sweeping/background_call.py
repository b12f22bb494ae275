"""A call beside one's own work: one at a time, and never waited for."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

log_lines = logging.getLogger(__name__)


class Aside:
    """Runs a call in a thread of its own. While one is running, another is left out: its caller comes again."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Future[None] | None = None

    def __call__(self, call: Callable[[], None]) -> None:
        """Return at once."""
        if self._running is None or self._running.done():
            self._running = self._pool.submit(_logged, call)


def _logged(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:
        log_lines.error("a call aside failed: %s", type(error).__name__)
