"""Until when a step is held, where time alone decides it, and since when. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from patients.values.wall_clock import on_day
from recovery.plan.book import Book, Entry, Gate
from recovery.plan.clock import plus_hours
from recovery.plan.gates import holds
from recovery.plan.situation import Situation

PILL = "opioid_24h"
DATES: dict[str, Callable[[Situation], date | None]] = {
    "no_drive_until": lambda s: s.overrides.no_drive_until,
    "no_work_until": lambda s: s.overrides.no_work_until,
}


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a step waits. reason: the first gate's code.

    since: when the strong pain pill was taken, for that reason. until: when the step is looked at again; None when
    it takes somebody: a new log, or the clinic.
    """

    reason: str
    since: datetime | None = None
    until: datetime | None = None


def wait_of(entry: Entry, status: str, reasons: tuple[str, ...], s: Situation, book: Book) -> Wait | None:
    """Return why and until when a step waits; None when it has no reason."""
    if not reasons:
        return None
    held = [gate for gate in entry.gates if gate.then == status and holds(gate, s, book, entry)]
    ends = [_ends(gate, s, book) for gate in held]
    known = [end for end in ends if end is not None]
    since = s.opioid_last_dose_at if reasons[0] == PILL else None
    return Wait(reasons[0], since, max(known) if known and len(known) == len(ends) else None)


def _ends(gate: Gate, s: Situation, book: Book) -> datetime | None:
    """Return when a gate opens by itself; None when it does not."""
    if gate.test == PILL and s.opioid_last_dose_at is not None:
        return plus_hours(s.opioid_last_dose_at, book.settings["opioid_clear_hours"])
    day = DATES[gate.test](s) if gate.test in DATES else None
    return None if day is None or day == date.max else on_day(day, time.min, s.zone)
