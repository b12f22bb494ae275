"""Run a call in the background: one at a time, without waiting for it."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

log_lines = logging.getLogger(__name__)


class Aside:
    """Runs a call in a thread of its own. It drops a call while another runs; callers call again later."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Future[None] | None = None

    def __call__(self, call: Callable[[], None]) -> None:
        """Start the call unless another is running. Returns at once."""
        if self._running is None or self._running.done():
            self._running = self._pool.submit(_logged, call)


def _logged(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception as error:
        log_lines.error("a call aside failed: %s", type(error).__name__)
