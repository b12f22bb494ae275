"""No row stops another: how every sweep walks over the rows that are due.

Each row is handled in a transaction of its own. One that cannot be handled is set aside (alerts.models.SetAside)
with a class of error and a place in our code, is tried again at growing distances, and the others go on. Clinics
take turns, so that no clinic's size slows another. A walk ends when nothing is due or its time is over: it takes
as much as there is, not a fixed number.
"""

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from alerts.models import SetAside

# How many ids one look takes; a walk with time left looks again.
LOOK_ROWS = 1000
# A worker's walk, and one of the watchdog, whose own tick must not be held up.
LONG_SECONDS, SHORT_SECONDS = 20.0, 1.0
OURS = ("patients.", "alerts.", "recovery.")
log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """One kind of work that falls due.

    due: the rows that are due. handle: does one of them, claimed by itself (skip what somebody else holds), and
    says whether it did; it runs in a transaction. Paths lead from a row of `due`: key to what handle gets, clinic
    and patient to whose it is. first, then order: who comes first, over all clinics and within one.
    together: the same for many at once, all or none; when that fails, each is handled by itself.
    instead: what is still done for a row that was set aside.
    renewed: the path to the moment the row fell due; later than the last try means: try at once.
    """

    name: str
    # What stands still meanwhile, in words for people.
    words: str
    due: Callable[[datetime], QuerySet[Any]]
    handle: Callable[[int, datetime], object]
    order: tuple[str, ...]
    key: str = "pk"
    clinic: str = "clinic_id"
    patient: str | None = None
    first: tuple[str, ...] = ()
    together: Callable[[Sequence[int], datetime], int] | None = None
    at_once: int = 200
    instead: Callable[[int, datetime], object] | None = None
    renewed: str = ""
    again_seconds: tuple[int, int] = (15, 900)


@dataclass(frozen=True)
class _Row:
    key: int
    clinic_id: int | None
    patient_id: int | None


def walk(sweep: Sweep, now: datetime, *, seconds: float = LONG_SECONDS, most: int | None = None) -> int:
    """Handle what is due, until nothing is, the time is over, or `most` were; how many were handled.

    Raises only when the database is away. Two walks at once are harmless.
    """
    until, done, seen = time.monotonic() + seconds, 0, set[int]()
    aside = dict(SetAside.objects.filter(sweep=sweep.name).values_list("row", "due_at"))
    while True:
        rows = _look(sweep, now, bool(aside))
        fresh = [row for row in rows if row.key not in seen]
        seen |= {row.key for row in fresh}
        for part in _parts(fresh, sweep.at_once if sweep.together else 1):
            done += _handle(sweep, part, now, aside)
            if time.monotonic() > until or (most is not None and done >= most):
                return done
        if not fresh or len(rows) < LOOK_ROWS:
            _forget_what_is_over(sweep, [key for key, at in aside.items() if at <= now and key not in seen])
            return done


def set_aside(now: datetime) -> QuerySet[SetAside]:
    """What stands still right now, longest first. One that failed a single time may be a moment's trouble."""
    return SetAside.objects.filter(count__gt=1, since__lte=now).order_by("since", "pk")


def _look(sweep: Sweep, now: datetime, some_aside: bool) -> list[_Row]:
    """The next rows, clinics in turn."""
    due = sweep.due(now)
    if some_aside:
        held = SetAside.objects.filter(sweep=sweep.name, row=OuterRef(sweep.key), due_at__gt=now)
        if sweep.renewed:
            held = held.filter(tried_at__gte=OuterRef(sweep.renewed))
        due = due.exclude(Exists(held))
    turn = Window(RowNumber(), partition_by=[F(sweep.clinic)], order_by=[F(name) for name in sweep.order])
    ordered = due.annotate(turn=turn).order_by(*sweep.first, "turn", *sweep.order)
    found = ordered.values_list(sweep.key, sweep.clinic, sweep.patient or sweep.clinic)[:LOOK_ROWS]
    rows = {key: _Row(key, clinic, patient if sweep.patient else None) for key, clinic, patient in found}
    return list(rows.values())


def _parts(rows: list[_Row], size: int) -> Iterator[list[_Row]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _handle(sweep: Sweep, rows: list[_Row], now: datetime, aside: dict[int, datetime]) -> int:
    """All together where the sweep can; else, and when that fails, each by itself."""
    together = sweep.together
    if together is not None and len(rows) > 1 and not any(row.key in aside for row in rows):
        try:
            with transaction.atomic():
                return together([row.key for row in rows], now)
        except Exception as error:
            if is_away(error):
                raise
            log_lines.error("sweep %s: not done together: %s", sweep.name, type(error).__name__)
    return sum(_handle_one(sweep, row, now, aside) for row in rows)


def _handle_one(sweep: Sweep, row: _Row, now: datetime, aside: dict[int, datetime]) -> int:
    try:
        with transaction.atomic():
            done = bool(sweep.handle(row.key, now))
            if done and row.key in aside:
                _goes_through(sweep, row, now)
    except Exception as error:
        if is_away(error):
            raise
        aside[row.key] = _set_aside(sweep, row, error, now)
        _do_instead(sweep, row, now)
        return 0
    return int(done)


def is_away(error: Exception) -> bool:
    """Is the database away, so that nothing can be said about any row? A lock or a time limit is about one row."""
    return isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable()


def _goes_through(sweep: Sweep, row: _Row, now: datetime) -> None:
    """It works again; whatever else stands still for this patient may work too, and is tried at once."""
    SetAside.objects.filter(sweep=sweep.name, row=row.key).delete()
    if row.patient_id is not None:
        SetAside.objects.filter(patient_id=row.patient_id).update(due_at=now)
    log_lines.warning("sweep %s: row %s goes through again", sweep.name, row.key)


def _set_aside(sweep: Sweep, row: _Row, error: Exception, now: datetime) -> datetime:
    """Write it down; when it is tried again. A database that cannot even take this lets the sweep fail."""
    where = place_of(error)
    log_lines.error("sweep %s: row %s is set aside: %s at %s", sweep.name, row.key, type(error).__name__, where)
    with transaction.atomic():
        known = SetAside.objects.select_for_update().filter(sweep=sweep.name, row=row.key).first()
        count = known.count + 1 if known else 1
        first, most = sweep.again_seconds
        due_at = now + timedelta(seconds=min(first * 2 ** min(count - 1, 20), most))
        tried = {"error": type(error).__name__[:80], "where": where, "tried_at": now, "due_at": due_at}
        if known:
            SetAside.objects.filter(pk=known.pk).update(count=count, **tried)
        else:
            owner = {"clinic_id": row.clinic_id, "patient_id": row.patient_id}
            new = SetAside(sweep=sweep.name, row=row.key, since=now, **owner, **tried)
            SetAside.objects.bulk_create([new], ignore_conflicts=True)
    return due_at


def place_of(error: Exception) -> str:
    """The last place in our own code the error went through, such as recovery.plan.clock:next_allowed 33."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) and module != __name__:
            return f"{module}:{frame.f_code.co_name} {line}"[-120:]
    return ""


def _do_instead(sweep: Sweep, row: _Row, now: datetime) -> None:
    if sweep.instead is None:
        return
    try:
        with transaction.atomic():
            sweep.instead(row.key, now)
    except Exception as error:
        if is_away(error):
            raise
        log_lines.error("sweep %s: nothing else for row %s: %s", sweep.name, row.key, type(error).__name__)


def _forget_what_is_over(sweep: Sweep, keys: list[int]) -> None:
    """Set aside once, and not due any more: closed, answered or moved meanwhile."""
    if keys:
        SetAside.objects.filter(sweep=sweep.name, row__in=keys).delete()
