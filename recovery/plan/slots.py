"""Compute the times of repeating notes: ice, brace, visit and the monthly card. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from patients.values.wall_clock import on_day, to_wall
from recovery.plan.book import Book, Entry
from recovery.plan.clock import next_allowed
from recovery.plan.keys import DAY_BEFORE
from recovery.plan.situation import Situation
from recovery.plan.starts import visit_note


class Slot(NamedTuple):
    """One time of a repeating note: its key within the milestone, and its due time (UTC, outside quiet hours)."""

    key: str
    due_utc: datetime


def upcoming_slots(entry: Entry, s: Situation, book: Book) -> Iterator[Slot]:
    """Yield the slots due at or after now, in order; without end for a brace without an end and the monthly card.

    Ice has slots only when the patient asked for them.
    """
    if entry.note == "ice" and not s.ice_reminders:
        return
    since = max(s.now, s.procedure_end_at)
    # Start a day earlier: quiet hours may have moved a slot of last night to this morning.
    first_day = to_wall(since, s.zone).date() - timedelta(days=1)
    last_due: datetime | None = None
    for at, key in _SOURCES[entry.note](entry, s, book, first_day):
        due = next_allowed(at, s.zone, s.overrides.quiet)
        # Slots moved to the same morning are one note.
        if due < since or due == last_due or _too_late(entry, s, due):
            continue
        last_due = due
        yield Slot(f"{to_wall(due, s.zone):%Y-%m-%dT%H}" if entry.note == "ice" else key, due)


def _too_late(entry: Entry, s: Situation, due: datetime) -> bool:
    if entry.note == "visit":
        return s.next_visit_at is not None and due >= s.next_visit_at
    if entry.note == "daily":
        return s.brace_until is not None and to_wall(due, s.zone).date() > s.brace_until
    return entry.end_hours is not None and due >= s.hour(entry.end_hours)


def _ice(entry: Entry, s: Situation, book: Book, first_day: date) -> Iterator[tuple[datetime, str]]:
    assert entry.end_hours is not None
    last_day = to_wall(s.hour(entry.end_hours), s.zone).date()
    for day in _days(max(first_day, to_wall(s.procedure_end_at, s.zone).date()), last_day):
        for wall in book.ice_slots:
            yield on_day(day, wall, s.zone), ""


def _daily(entry: Entry, s: Situation, book: Book, first_day: date) -> Iterator[tuple[datetime, str]]:
    for day in _days(first_day, s.brace_until or date.max):
        yield on_day(day, book.note_time, s.zone), day.isoformat()


def _visit(entry: Entry, s: Situation, book: Book, first_day: date) -> Iterator[tuple[datetime, str]]:
    for days_before, wall in ((1, book.note_time), (0, book.visit_day_note_time)):
        assert s.next_visit_at is not None
        # The key holds the visit's date, so that a moved visit gets both of its notes again.
        visit_day = to_wall(s.next_visit_at, s.zone).date().isoformat()
        key = f"{visit_day}:{DAY_BEFORE}" if days_before else visit_day
        yield visit_note(s, days_before=days_before, at=wall), key


def _monthly(entry: Entry, s: Situation, book: Book, first_day: date) -> Iterator[tuple[datetime, str]]:
    first, every = entry.start["days"], book.settings["monthly_every_days"]
    passed = (first_day - to_wall(s.procedure_end_at, s.zone).date()).days
    number = max(first, first + (passed - first) // every * every)
    while True:
        at = s.day(number)
        yield at, to_wall(at, s.zone).date().isoformat()
        number += every


def _days(first: date, last: date) -> Iterator[date]:
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


_SOURCES = {"ice": _ice, "daily": _daily, "visit": _visit, "monthly": _monthly}
