"""One clock decides what is due: the database's. Clocks of application servers are never compared with rows."""

import time
from datetime import datetime, timedelta

from django.db.models import DateTimeField, Value
from django.db.models.expressions import Combinable, RawSQL

from patients.clock import db_now

__all__ = ["ahead", "db_now", "shown_now"]

# What is written further ahead than this was written before the database's clock stepped back. A smaller step is
# not noticed, and makes nothing later than itself.
STEP_ALLOWED = timedelta(seconds=5)
_AHEAD = f"(SELECT clock_timestamp() + interval '{STEP_ALLOWED.total_seconds():.0f} seconds')"


# How long a page may count on from what the database last said.
HEARD_FOR_SECONDS = 30.0


class _Heard:
    """What the database's clock said, and this process's own count of seconds then."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.count = 0.0


_heard = _Heard()


def shown_now() -> datetime:
    """The database's clock for what is only shown: how long ago, how long still, what to do meanwhile.

    Asked once in a while per process and counted on in between, so that most pages ask for nothing.
    """
    count = time.monotonic()
    if _heard.at is None or count - _heard.count > HEARD_FOR_SECONDS:
        _heard.at, _heard.count = db_now(), count
    return _heard.at + timedelta(seconds=count - _heard.count)


def ahead(now: datetime | None) -> Combinable:
    """For one statement: the moment beyond which no row that is in order was written.

    By the database's clock unless now is given, read after the rows: what was committed just now is never beyond.
    """
    return Value(now + STEP_ALLOWED) if now else RawSQL(_AHEAD, (), DateTimeField())  # noqa: S611 - constants
