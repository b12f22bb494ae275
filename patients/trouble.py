"""What went wrong, as a class and a place in our code alone; and pages that open though one part cannot."""

import logging
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection, transaction

OURS = ("patients.", "alerts.", "recovery.")
# Where an error is only passed on.
BETWEEN = (__name__, "alerts.sweeping.one_by_one", "alerts.sweeping.row_limits")
log_lines = logging.getLogger(__name__)
R = TypeVar("R")
T = TypeVar("T")


# SQLSTATE: the database takes no writes. A standby, a disk that is full, an operator who wants to look first.
READ_ONLY = "25006"


def not_taken(error: BaseException | None) -> bool:
    """Did the line to the database break, could it not be had, or does it take no writes?"""
    return isinstance(error, OperationalError | InterfaceError) or is_read_only(error)


def is_away(error: Exception) -> bool:
    """Is the database away, so that nothing can be said about any row? A lock or a time limit is about one row."""
    return is_read_only(error) or (not_taken(error) and not connection.is_usable())


def is_read_only(error: BaseException | None) -> bool:
    """Does the database take no writes?"""
    return isinstance(error, Error) and getattr(error.__cause__, "pgcode", "") == READ_ONLY


def place_of(error: Exception) -> str:
    """The last place in our own code the error went through, such as recovery.plan.clock:next_allowed 33."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) and module not in BETWEEN:
            return f"{module}:{frame.f_code.co_name} {line}"[-120:]
    return ""


class Parts:
    """Works out the parts of one page. One that cannot be worked out is left out, named, and reported by ids."""

    def __init__(self, page: str, pk: int) -> None:
        self.page, self.pk = page, pk
        self.missing: list[str] = []

    def many(self, title: str, call: Callable[[], list[T]]) -> list[T]:
        """A list; an empty one when it cannot be worked out."""
        found = self.one(title, call)
        return [] if found is None else found

    def each(self, title: str, rows: Iterable[R], call: Callable[[R], T]) -> list[T]:
        """Each row by itself, asking the database nothing: one that cannot be shown hides no other."""
        made = (self._one(title, partial(call, row)) for row in rows)
        return [one for one in made if one is not None]

    def one(self, title: str, call: Callable[[], T]) -> T | None:
        """What the call gives; or None, with the title among the missing. Raises when the database is away."""
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
    """A line for the operator, with ids alone."""
    where = place_of(error)
    log_lines.error(
        "%s: the part “%s” could not be worked out: %s at %s", whose, title, type(error).__name__, where
    )
