"""The database's clock alone decides what is due. Rows are never compared with an application server's clock."""

import time
from datetime import datetime, timedelta

from django.db.models import DateTimeField, Value
from django.db.models.expressions import Combinable, RawSQL

from patients.clock import db_now

__all__ = ["ahead", "db_now", "shown_now"]

# A row further in the future than this was written before the database's clock was set back. A smaller step back
# is not noticed; it delays nothing by more than its own length.
STEP_ALLOWED = timedelta(seconds=5)
_AHEAD = f"(SELECT clock_timestamp() + interval '{STEP_ALLOWED.total_seconds():.0f} seconds')"


# For how long a page may count on from the database's last answer.
HEARD_FOR_SECONDS = 30.0


class _Heard:
    """The last answer of the database's clock, and the monotonic seconds at that time."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.count = 0.0


_heard = _Heard()


def shown_now() -> datetime:
    """The time by the database's clock, for display only, such as how long ago something was.

    Each process asks the database every 30 seconds at most and counts on in between, so most pages need no query.
    """
    count = time.monotonic()
    if _heard.at is None or count - _heard.count > HEARD_FOR_SECONDS:
        _heard.at, _heard.count = db_now(), count
    return _heard.at + timedelta(seconds=count - _heard.count)


def ahead(now: datetime | None) -> Combinable:
    """An expression for the time after which no row can lie unless the database's clock was set back.

    It is STEP_ALLOWED after now, or after the database's clock, which the statement reads after its rows: a row
    committed just now is never beyond it.
    """
    return Value(now + STEP_ALLOWED) if now else RawSQL(_AHEAD, (), DateTimeField())  # noqa: S611 - constants
