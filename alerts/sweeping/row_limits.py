"""Time limits for one row of a sweep. A row that hangs is stopped and set aside like one that raises an error.

The database ends a statement that waits too long for a lock or runs too long. Many quick statements add up too:
after ROW_SECONDS no further one starts. All limits are far above the few milliseconds a row takes, and below the
15 seconds that a statement of a page may take.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

# The limits for a wait for a lock, for one statement, and for the whole row.
LOCK_SECONDS, STATEMENT_SECONDS, ROW_SECONDS = 2.0, 5.0, 10.0
LIMITS = "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)"


class TakesTooLong(Exception):
    """The statements for one row together took longer than ROW_SECONDS."""


@contextmanager
def one_row() -> Iterator[None]:
    """A transaction for one row. When the row takes too long, it rolls back: OperationalError or TakesTooLong."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LIMITS, [_milliseconds(LOCK_SECONDS), _milliseconds(STATEMENT_SECONDS)])
        with connection.execute_wrapper(_Watch(time.monotonic() + ROW_SECONDS)):
            yield


class _Watch:
    """Runs before each statement and raises TakesTooLong when the time is over."""

    def __init__(self, until: float) -> None:
        self._until = until

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if time.monotonic() > self._until:
            raise TakesTooLong
        return execute(sql, params, many, context)


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
