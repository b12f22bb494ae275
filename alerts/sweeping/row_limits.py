"""How long one row of a sweep may take: what hangs is stopped, and set aside like what raises.

The database itself ends a statement that waits for a lock or runs too long. Many quick statements add up, too:
after ROW_SECONDS no further one begins. All limits are far above what a row takes (some milliseconds), and below
the 15 seconds a statement of a page may take.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

# Waiting for somebody else's lock, one statement, and everything about one row.
LOCK_SECONDS, STATEMENT_SECONDS, ROW_SECONDS = 2.0, 5.0, 10.0
LIMITS = "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)"


class TakesTooLong(Exception):
    """The work on one row asked the database again and again, for longer than a row may take."""


@contextmanager
def one_row() -> Iterator[None]:
    """A transaction for one row. OperationalError or TakesTooLong when it hangs; what it did is undone then."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LIMITS, [_milliseconds(LOCK_SECONDS), _milliseconds(STATEMENT_SECONDS)])
        with connection.execute_wrapper(_Watch(time.monotonic() + ROW_SECONDS)):
            yield


class _Watch:
    """Asked before each statement."""

    def __init__(self, until: float) -> None:
        self._until = until

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if time.monotonic() > self._until:
            raise TakesTooLong
        return execute(sql, params, many, context)


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
