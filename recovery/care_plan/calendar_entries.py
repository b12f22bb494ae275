"""The entries of a recovery's calendar: made from the plan when an app asks, kept so that each stays the same.

A date that moved changes its entry and counts its SEQUENCE up; a date that is gone cancels it.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from patients.models import Procedure
from patients.tiers import ON_TRACK
from recovery.models import CalendarEntry
from recovery.plan.book import Entry, book_for
from recovery.plan.clock import next_allowed
from recovery.plan.milestones import evaluate
from recovery.plan.situation import Situation, read_situation
from recovery.plan.starts import start_of
from recovery.state import record

VISIT = "visit:"
# Steps whose day somebody may want to know ahead. Limits begin at once, and ice and brace go on every day.
TYPES = frozenset({"permission", "medicine", "check", "education"})


def entries(procedure: Procedure, now: datetime) -> list[CalendarEntry]:
    """Bring the entries up to date and return them, in order of time; for a procedure of record.with_overrides."""
    with transaction.atomic():
        known = {row.key: row for row in CalendarEntry.objects.filter(procedure=procedure)}
        planned = _steps(procedure, now) | _visit(procedure, known, now)
        fresh = [key for key in planned if key not in known]
        CalendarEntry.objects.bulk_create(
            [_row(procedure, key, planned[key], now) for key in fresh], ignore_conflicts=True
        )
        for row in known.values():
            _follow(row, planned.get(row.key), now)
    return list(CalendarEntry.objects.filter(procedure=procedure).order_by("starts_at", "key"))


def _row(procedure: Procedure, key: str, at: datetime, now: datetime) -> CalendarEntry:
    return CalendarEntry(procedure=procedure, key=key, starts_at=at, changed_at=now)


def _follow(row: CalendarEntry, at: datetime | None, now: datetime) -> None:
    """Move, cancel or bring back one entry. One that is over stays as it was."""
    if at is None and (row.cancelled_at or row.starts_at <= now):
        return
    if at == row.starts_at and not row.cancelled_at:
        return
    changes = {"cancelled_at": now} if at is None else {"starts_at": at, "cancelled_at": None}
    # Of two apps that ask at once, one counts.
    same = CalendarEntry.objects.filter(pk=row.pk, sequence=row.sequence)
    same.update(sequence=F("sequence") + 1, changed_at=now, **changes)


def _steps(procedure: Procedure, now: datetime) -> dict[str, datetime]:
    """Return when each step of the plan begins, outside the quiet hours."""
    known, state = record.patient_record(procedure, []), {"tier": ON_TRACK}
    book = book_for(record.config(procedure, now))
    situation, found = read_situation(known, state, now, book), evaluate(known, state, now, book)
    steps = [entry for entry in book.entries if _is_shown(entry, found[entry.id].status)]
    starts = {entry.id: start_of(entry, situation, book) for entry in steps}
    return {key: _by_day(at, situation) for key, at in starts.items() if at}


def _is_shown(entry: Entry, status: str) -> bool:
    return entry.type in TYPES and status != "not_applicable"


def _by_day(at: datetime, situation: Situation) -> datetime:
    return next_allowed(at, situation.zone, situation.overrides.quiet)


def _visit(procedure: Procedure, known: dict[str, CalendarEntry], now: datetime) -> dict[str, datetime]:
    """Return the next visit under its key: a visit that moved keeps it, one after a visit gets the next."""
    if procedure.next_visit_at is None:
        return {}
    numbers = [int(key.removeprefix(VISIT)) for key in known if key.startswith(VISIT)]
    number = max(numbers, default=1)
    last = known.get(f"{VISIT}{number}")
    if last and last.starts_at <= now and not last.cancelled_at and procedure.next_visit_at > last.starts_at:
        number += 1
    return {f"{VISIT}{number}": procedure.next_visit_at}
