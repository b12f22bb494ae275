"""A promise: a sentence, and a bounded question about who is let down."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError

# One more is asked for, so that "20 or more" is known without counting all.
MOST = 20
OVERDUE_SECONDS = 60
log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Offender:
    """One row that is let down: ids and codes alone, never a name. since: from when the promise was broken."""

    what: str
    ref: str
    since: datetime | None = None
    clinic_id: int | None = None
    patient_code: UUID | None = None


# The moment, and the one clinic to look at (None: all of them).
Question = Callable[[datetime, int | None], list[Offender]]


@dataclass(frozen=True)
class Promise:
    """key: its name in metrics and its section in docs/runbook.md. broken: words with {count}, for mail and board.

    warning: amber; it turns nothing red, pages nobody, and the outside heartbeat goes on.
    of_clinics: its offenders belong to clinics; otherwise it is about the system as a whole.
    """

    key: str
    sentence: str
    broken: str
    question: Question
    warning: bool = False
    of_clinics: bool = True

    def ask(self, now: datetime, clinic_id: int | None = None) -> "Found":
        """At most one statement, at most MOST + 1 rows."""
        return Found(self, self.question(now, clinic_id))


@dataclass(frozen=True)
class Found:
    """A promise, and who is let down right now."""

    promise: Promise
    offenders: list[Offender]

    @property
    def is_kept(self) -> bool:
        """Nobody is let down."""
        return not self.offenders

    @property
    def count(self) -> str:
        """How many, up to MOST."""
        return f"{MOST} or more" if len(self.offenders) > MOST else str(len(self.offenders))

    @property
    def words(self) -> str:
        """What is broken, in words without health data."""
        return self.promise.broken.format(count=self.count)

    @property
    def since(self) -> datetime | None:
        """The longest that anybody has been let down, as far as the rows say."""
        return min((one.since for one in self.offenders if one.since), default=None)


def ask(promises: Iterable[Promise], now: datetime, clinic_id: int | None = None) -> list[Found]:
    """All of them, in order. One that cannot be asked is taken for broken, and stops no other."""
    return [_asked(promise, now, clinic_id) for promise in promises]


def _asked(promise: Promise, now: datetime, clinic_id: int | None) -> Found:
    try:
        return promise.ask(now, clinic_id)
    except (OperationalError, InterfaceError):
        raise  # the database is away or hangs, and nothing can be said of any of them
    except Exception as error:
        log_lines.error("promise %s could not be asked: %s", promise.key, type(error).__name__)
        return Found(promise, [Offender("it could not be asked:", type(error).__name__, now)])
