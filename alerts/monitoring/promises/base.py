"""A promise: a sentence, and a bounded query for the rows that break it."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError

# The most rows counted. Queries ask for one more, which shows "20 or more" without a full count.
MOST = 20
OVERDUE_SECONDS = 60
log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Offender:
    """One row that breaks a promise: ids and codes only, never a name. since: when it began to break it."""

    what: str
    ref: str
    since: datetime | None = None
    clinic_id: int | None = None
    patient_code: UUID | None = None


# Takes the present time and one clinic to look at (None: all clinics).
Question = Callable[[datetime, int | None], list[Offender]]


@dataclass(frozen=True)
class Promise:
    """One promise.

    key: its name in metrics and its section in docs/runbook.md. broken: words with {count}, for mail and board.
    warning: shown in amber; it pages no one and does not stop the outside heartbeat.
    of_clinics: its offenders belong to clinics; otherwise it is about the whole system.
    """

    key: str
    sentence: str
    broken: str
    question: Question
    warning: bool = False
    of_clinics: bool = True

    def ask(self, now: datetime, clinic_id: int | None = None) -> "Found":
        """Ask which rows break the promise: at most one statement and MOST + 1 rows."""
        return Found(self, self.question(now, clinic_id))


@dataclass(frozen=True)
class Found:
    """A promise with the rows that break it right now."""

    promise: Promise
    offenders: list[Offender]

    @property
    def is_kept(self) -> bool:
        """Does no row break the promise?"""
        return not self.offenders

    @property
    def count(self) -> str:
        """The number of offenders as words; above MOST: "20 or more"."""
        return f"{MOST} or more" if len(self.offenders) > MOST else str(len(self.offenders))

    @property
    def words(self) -> str:
        """The words for the broken promise, without health data."""
        return self.promise.broken.format(count=self.count)

    @property
    def since(self) -> datetime | None:
        """Since when the promise has been broken, by the oldest offender; None when no row says."""
        return min((one.since for one in self.offenders if one.since), default=None)


def ask(promises: Iterable[Promise], now: datetime, clinic_id: int | None = None) -> list[Found]:
    """Ask all promises, in order. A promise whose query fails counts as broken and stops no other.

    Raises OperationalError or InterfaceError when the database is away.
    """
    return [_asked(promise, now, clinic_id) for promise in promises]


def _asked(promise: Promise, now: datetime, clinic_id: int | None) -> Found:
    try:
        return promise.ask(now, clinic_id)
    except (OperationalError, InterfaceError):
        raise  # the database is away or hangs, so no promise can be asked
    except Exception as error:
        log_lines.error("promise %s could not be asked: %s", promise.key, type(error).__name__)
        return Found(promise, [Offender("it could not be asked:", type(error).__name__, now)])
