"""The keys of notes. The key of a note about a date holds the date, so a moved date gets its own note. Pure."""

from patients.values.wall_clock import to_wall
from recovery.plan.book import Entry
from recovery.plan.situation import Situation

# Added after the visit's date: marks the note of the day before.
DAY_BEFORE = "before"


def dated_key(entry: Entry, s: Situation) -> str:
    """Return a key such as M-MEDS-HOLD:2026-05-08; only the id when no date is set or needed."""
    ((kind, value),) = entry.start.items()
    if kind == "date":
        day = s.start_dates[value]
        return entry.id if day is None else f"{entry.id}:{day}"
    if kind == "visit" and s.next_visit_at is not None:
        return f"{entry.id}:{to_wall(s.next_visit_at, s.zone).date()}"
    return entry.id


def is_current(key: str, entry: Entry, s: Situation) -> bool:
    """Return whether a note's key still has the current date; keys of ice, brace and month slots always do."""
    if entry.note not in ("once", "visit"):
        return True
    return key in (dated_key(entry, s), f"{dated_key(entry, s)}:{DAY_BEFORE}")
