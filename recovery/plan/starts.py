"""Compute when a milestone starts, including the clinic's delays. Pure."""

from datetime import datetime, time, timedelta

from patients.values.wall_clock import on_day, to_wall
from recovery.plan.book import Book, Entry
from recovery.plan.situation import Situation


def start_of(entry: Entry, s: Situation, book: Book) -> datetime | None:
    """Return the UTC instant a milestone starts, never before the procedure; None while its date is not set."""
    start = _plain_start(entry, s, book)
    if start is None:
        return None
    # The clinic may only move a permission later, never earlier (DF-40).
    if entry.type == "permission" and entry.id in s.overrides.not_before_hours:
        start = max(start, s.hour(s.overrides.not_before_hours[entry.id]))
    return max(start, s.procedure_end_at)


def _plain_start(entry: Entry, s: Situation, book: Book) -> datetime | None:
    ((kind, value),) = entry.start.items()
    if kind == "hours":
        return s.hour(value)
    if kind == "days":
        return s.day(value)
    if kind == "date":
        day = s.start_dates[value]
        return None if day is None else on_day(day, book.note_time, s.zone)
    if s.next_visit_at is None:
        return s.day(book.settings["visit_prompt_day"])
    return visit_note(s, days_before=1, at=book.note_time)


def visit_note(s: Situation, *, days_before: int, at: time) -> datetime:
    """Return the UTC instant of a note at a local time, some days before the next visit, which must be set."""
    assert s.next_visit_at is not None
    visit_day = to_wall(s.next_visit_at, s.zone).date()
    return on_day(visit_day - timedelta(days=days_before), at, s.zone)


def is_delayed(entry: Entry, s: Situation, book: Book) -> bool:
    """Return whether only the clinic's delay still holds back a permission whose own start has come."""
    if entry.id not in s.overrides.not_before_hours:
        return False
    plain, start = _plain_start(entry, s, book), start_of(entry, s, book)
    if plain is None or start is None:
        return False
    return max(plain, s.procedure_end_at) <= s.now < start
