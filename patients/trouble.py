"""Reports errors by class and place in our code only, and lets a page open although one part of it fails."""

import logging
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection, transaction

OURS = ("patients.", "alerts.", "recovery.")
# Modules that only pass errors on.
BETWEEN = (__name__, "alerts.sweeping.one_by_one", "alerts.sweeping.row_limits")
log_lines = logging.getLogger(__name__)
R = TypeVar("R")
T = TypeVar("T")


# The SQLSTATE of a database that takes no writes: a standby, a full disk, or an operator made it read-only.
READ_ONLY = "25006"


def not_taken(error: BaseException | None) -> bool:
    """Return whether the database connection broke or could not be opened, or the database takes no writes."""
    return isinstance(error, OperationalError | InterfaceError) or is_read_only(error)


def is_away(error: Exception) -> bool:
    """Return whether the database is down for all rows; a lock or a timeout only concerns one row."""
    return is_read_only(error) or (not_taken(error) and not connection.is_usable())


def is_read_only(error: BaseException | None) -> bool:
    """Return whether the error says that the database takes no writes."""
    return isinstance(error, Error) and getattr(error.__cause__, "pgcode", "") == READ_ONLY


def place_of(error: Exception) -> str:
    """Return the innermost place of an error in our code, such as recovery.plan.clock:next_allowed 33."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) and module not in BETWEEN:
            return f"{module}:{frame.f_code.co_name} {line}"[-120:]
    return ""


class Parts:
    """Builds the parts of a page. A part that fails is left out, named in `missing`, and reported by ids."""

    def __init__(self, page: str, pk: int) -> None:
        self.page, self.pk = page, pk
        self.missing: list[str] = []

    def many(self, title: str, call: Callable[[], list[T]]) -> list[T]:
        """Return the list that the call gives; an empty one when it fails."""
        found = self.one(title, call)
        return [] if found is None else found

    def each(self, title: str, rows: Iterable[R], call: Callable[[R], T]) -> list[T]:
        """Build each row by itself, so that a bad row hides no other; `call` must not use the database."""
        made = (self._one(title, partial(call, row)) for row in rows)
        return [one for one in made if one is not None]

    def one(self, title: str, call: Callable[[], T]) -> T | None:
        """Return what the call gives, or None with the title in `missing`. Raises when the database is down."""
        return self._one(title, partial(_in_savepoint, call) if connection.in_atomic_block else call)

    def _one(self, title: str, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except Exception as error:
            if is_away(error):
                raise
            report(f"{self.page} {self.pk}", title, error)
            if title not in self.missing:
                self.missing.append(title)
            return None


def _in_savepoint(call: Callable[[], T]) -> T:
    with transaction.atomic():
        return call()


def report(whose: str, title: str, error: Exception) -> None:
    """Log a line for the operator, with ids only."""
    where = place_of(error)
    log_lines.error(
        "%s: the part “%s” could not be worked out: %s at %s", whose, title, type(error).__name__, where
    )
