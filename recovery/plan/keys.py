"""The keys of notes. A note that stands for a date says which: a moved date has a note of its own. Pure."""

from patients.values.wall_clock import to_wall
from recovery.plan.book import Entry
from recovery.plan.situation import Situation

# After the date of the visit: the note of the day before it.
DAY_BEFORE = "before"


def dated_key(entry: Entry, s: Situation) -> str:
    """M-MEDS-HOLD:2026-05-08, M-FOLLOWUP:2026-05-08; the id alone where no date is set or none is needed."""
    ((kind, value),) = entry.start.items()
    if kind == "date":
        day = s.start_dates[value]
        return entry.id if day is None else f"{entry.id}:{day}"
    if kind == "visit" and s.next_visit_at is not None:
        return f"{entry.id}:{to_wall(s.next_visit_at, s.zone).date()}"
    return entry.id


def is_current(key: str, entry: Entry, s: Situation) -> bool:
    """Whether a note's key still stands for the date that counts; a slot of ice, brace or month always does."""
    if entry.note not in ("once", "visit"):
        return True
    return key in (dated_key(entry, s), f"{dated_key(entry, s)}:{DAY_BEFORE}")
