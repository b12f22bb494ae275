"""Several people or processes at the very same moment: real threads, real connections, real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """Call all of them as close together as threads can; their results in the given order. Errors are raised."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        try:
            gate.wait(timeout=10)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(run, call) for call in calls]]
