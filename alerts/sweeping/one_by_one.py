"""How every sweep walks over its due rows, so that no row stops another.

Each row is handled in its own transaction, for a limited time (row_limits). A row that fails is set aside
(alerts.models.SetAside) with the class of the error and its place in our code. It is tried again after growing
waits, while the others go on. Clinics take turns, so that a large clinic does not slow a small one.
A walk ends when nothing is due or its time is over; it has no fixed number of rows. A walk that can wait also ends
when something urgent is late, because that needs the same process.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import OperationalError
from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from alerts.clock import db_now
from alerts.models import Alert, Delivery, SetAside
from alerts.states import ACTIVE
from alerts.sweeping.row_limits import one_row
from patients.trouble import is_away, place_of

# The most ids that one query takes; a walk with time left asks again.
LOOK_ROWS = 1000
# The time for a walk of the worker, and for one of the watchdog, whose own tick must not be late.
LONG_SECONDS, SHORT_SECONDS = 25.0, 1.0
# How often a walk that can wait checks for urgent rows, after how long such a row is late, and after how long it
# no longer counts: then it is a row that fails, and it must not stop the walk.
ASK_SECONDS, LATE_SECONDS, STUCK_SECONDS = 2.0, 3, 60
log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """One kind of work that falls due. words: what the work is, for staff.

    again_seconds: the second try comes at once, the third after the first number of seconds, then after twice as
    long each time, up to the second number. instead: a call that still does something for a row set aside.
    """

    name: str
    words: str
    again_seconds: tuple[int, int] = field(default=(15, 900), kw_only=True)
    instead: Callable[[int, datetime], object] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Sweep(Work):
    """Work whose rows a query finds.

    due: the query of the due rows. handle: handles one row in a transaction and returns whether it did; it locks
    the row itself and skips one that another process holds. key, clinic, patient: paths from a row of due to the
    value for handle, to the clinic and to the patient. first: the order over all clinics; order: within a clinic.
    together: handles many rows at once, all or none; when it fails, handle does each by itself.
    renewed: the path to the time the row fell due; a row that fell due after its last try is tried at once.
    can_wait: a minute's delay endangers no patient.
    """

    due: Callable[[datetime], QuerySet[Any]]
    handle: Callable[[int, datetime], object]
    order: tuple[str, ...]
    key: str = "pk"
    clinic: str = "clinic_id"
    patient: str | None = None
    first: tuple[str, ...] = ()
    together: Callable[[Sequence[int], datetime], int] | None = None
    at_once: int = 200
    renewed: str = ""
    can_wait: bool = False


@dataclass(frozen=True)
class Row:
    """One row of a kind of work, with its clinic and patient."""

    key: int
    clinic_id: int | None = None
    patient_id: int | None = None


def walk(sweep: Sweep, now: datetime, *, seconds: float = LONG_SECONDS, most: int | None = None) -> int:
    """Handle due rows until none is left, the time is over, or `most` were handled. Returns how many.

    Raises only when the database is away. Two concurrent walks are harmless.
    """
    until, done, seen = time.monotonic() + seconds, 0, set[int]()
    ask_at = time.monotonic() + ASK_SECONDS
    aside = _known(sweep)
    while True:
        rows = _look(sweep, now, bool(aside))
        fresh = [row for row in rows if row.key not in seen]
        seen |= {row.key for row in fresh}
        for part in _parts(fresh, sweep.at_once if sweep.together else 1):
            done += _handle(sweep, part, now, aside)
            if time.monotonic() > until or (most is not None and done >= most):
                return done
            if sweep.can_wait and time.monotonic() > ask_at:
                if urgent_is_late():
                    return done
                ask_at = time.monotonic() + ASK_SECONDS
        if not fresh or len(rows) < LOOK_ROWS:
            over = [key for key, at in aside.items() if at <= now and key not in seen]
            forget(sweep, over)
            return done


def urgent_is_late() -> bool:
    """Has an urgent alert or message been due for 3 to 60 seconds?"""
    now = db_now()
    late = (now - timedelta(seconds=STUCK_SECONDS), now - timedelta(seconds=LATE_SECONDS))
    alerts = Alert.objects.filter(state__in=ACTIVE, next_step_at__range=late)
    messages = Delivery.objects.filter(state=Delivery.State.PENDING, urgency__lt=2, due_at__range=late)
    return alerts.exclude(tier=Alert.Tier.WATCH).exists() or messages.exists()


def each(work: Work, rows: Iterable[tuple[Row, Callable[[], object]]], now: datetime) -> int:
    """Handle rows that no single query finds; each call has its own transaction. Returns how many were done."""
    aside = _known(work)
    return sum(_attempt(work, row, call, now, aside, nullcontext()) for row, call in rows)


def put_aside(work: Work, row: Row, error: Exception, now: datetime) -> datetime:
    """Set a row aside after an error. Returns when it is tried again.

    Raises the error when the database is away. When the database cannot store even this note, the whole sweep
    fails, because then the row is not at fault.
    """
    if is_away(error):
        raise error
    where = place_of(error)
    name = type(error).__name__
    log_lines.error("sweep %s: row %s is set aside: %s at %s", work.name, row.key, name, where)
    tried = {"error": name[:80], "where": where, "tried_at": now}
    try:
        count = _write_down(work, row, tried, now)
    except OperationalError as locked:
        if is_away(locked):
            raise
        # Another transaction holds the row's patient or clinic: store the note without them.
        count = _write_down(work, Row(row.key), tried, now)
    _do_instead(work, row, now)
    return now + _pause(work, count)


def _write_down(work: Work, row: Row, tried: dict[str, Any], now: datetime) -> int:
    """Store the note on a row. Returns how often the row has been tried."""
    with one_row():
        known = SetAside.objects.select_for_update().filter(sweep=work.name, row=row.key).first()
        count = known.count + 1 if known else 1
        tried = {**tried, "due_at": now + _pause(work, count)}
        if known:
            SetAside.objects.filter(pk=known.pk).update(count=count, **tried)
        else:
            owner = {"clinic_id": row.clinic_id, "patient_id": row.patient_id}
            new = SetAside(sweep=work.name, row=row.key, since=now, **owner, **tried)
            SetAside.objects.bulk_create([new], ignore_conflicts=True)
    return count


def set_aside(now: datetime) -> QuerySet[SetAside]:
    """The rows set aside now, longest first, without those that failed only once: that may be a passing fault."""
    return SetAside.objects.filter(count__gt=1, since__lte=now).order_by("since", "pk")


def forget(work: Work, keys: Sequence[int]) -> None:
    """Remove the notes on rows that were set aside and were handled, closed or moved since."""
    if keys:
        SetAside.objects.filter(sweep=work.name, row__in=keys).delete()


def _known(work: Work) -> dict[int, datetime]:
    return dict(SetAside.objects.filter(sweep=work.name).values_list("row", "due_at"))


def _pause(work: Work, count: int) -> timedelta:
    first, most = work.again_seconds
    return timedelta(seconds=min(first * 2 ** min(count - 2, 20), most) if count > 1 else 0)


def _look(sweep: Sweep, now: datetime, some_aside: bool) -> list[Row]:
    """The next due rows, with the clinics in turn."""
    due = sweep.due(now)
    if some_aside:
        held = SetAside.objects.filter(sweep=sweep.name, row=OuterRef(sweep.key), due_at__gt=now)
        if sweep.renewed:
            held = held.filter(tried_at__gte=OuterRef(sweep.renewed))
        due = due.exclude(Exists(held))
    among = [F(name) for name in (sweep.clinic, *sweep.first)]
    turn = Window(RowNumber(), partition_by=among, order_by=[F(name) for name in sweep.order])
    ordered = due.annotate(turn=turn).order_by(*sweep.first, "turn", *sweep.order)
    found = ordered.values_list(sweep.key, sweep.clinic, sweep.patient or sweep.clinic)[:LOOK_ROWS]
    rows = {key: Row(key, clinic, patient if sweep.patient else None) for key, clinic, patient in found}
    return list(rows.values())


def _parts(rows: list[Row], size: int) -> Iterator[list[Row]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _handle(sweep: Sweep, rows: list[Row], now: datetime, aside: dict[int, datetime]) -> int:
    """Handle the rows together where the sweep can; otherwise, or when that fails, one by one."""
    together = sweep.together
    if together is not None and not any(row.key in aside for row in rows):
        try:
            with one_row():
                return together([row.key for row in rows], now)
        except Exception as error:
            if is_away(error):
                raise
            log_lines.error("sweep %s: not done together: %s", sweep.name, type(error).__name__)
    handle = sweep.handle
    return sum(_attempt(sweep, row, lambda row=row: handle(row.key, now), now, aside) for row in rows)  # type: ignore[misc]


def _attempt(
    work: Work,
    row: Row,
    call: Callable[[], object],
    now: datetime,
    aside: dict[int, datetime],
    inside: AbstractContextManager[object] | None = None,
) -> int:
    try:
        with inside or one_row():
            done = bool(call())
            if done and row.key in aside:
                _goes_through(work, row, now)
    except Exception as error:
        aside[row.key] = put_aside(work, row, error, now)
        return 0
    return int(done)


def _goes_through(work: Work, row: Row, now: datetime) -> None:
    """A row works again: remove its note, and try the patient's other rows at once, as they may work too."""
    forget(work, [row.key])
    if row.patient_id is not None:
        SetAside.objects.filter(patient_id=row.patient_id).update(due_at=now)
    log_lines.warning("sweep %s: row %s goes through again", work.name, row.key)


def _do_instead(work: Work, row: Row, now: datetime) -> None:
    if work.instead is None:
        return
    try:
        with one_row():
            work.instead(row.key, now)
    except Exception as error:
        if is_away(error):
            raise
        log_lines.error("sweep %s: nothing else for row %s: %s", work.name, row.key, type(error).__name__)
