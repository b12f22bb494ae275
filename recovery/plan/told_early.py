"""Find notes that were sent too early because a date moved afterwards, and word how they are taken back. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from patients.values.wall_clock import to_wall
from recovery.plan.book import Book, Entry
from recovery.plan.gates import holds
from recovery.plan.keys import dated_key
from recovery.plan.situation import Situation
from recovery.plan.starts import start_of

# Types taken back in words, because a patient may act on them. A limit or lesson that came early does no harm.
IN_WORDS = frozenset({"permission", "medicine", "visit"})
# A note about a day longer ago than this is not taken back; a new day is then no correction.
DATED_DAYS = 7
SHOWN_DAYS = 14


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One step that must wait after all: its title, and in words what applies now."""

    milestone_id: str
    title: str
    words: str


def came_too_early(entry: Entry, key: str, s: Situation, book: Book) -> bool:
    """Return whether a note sent under this key came too early: its time is ahead again, or its date moved."""
    if _not_theirs(entry, s, book):
        return False
    told_for = _date_in(key)
    start = start_of(entry, s, book)
    if told_for is None:
        # The prompt to set up a visit no longer counts once a visit is set.
        return dated_key(entry, s) == entry.id and start is not None and start > s.now
    if entry.note == "visit":
        return told_for >= s.today and _moved(told_for, s)
    if entry.note != "once" or told_for < s.today - timedelta(days=DATED_DAYS):
        return False
    return start is None or to_wall(start, s.zone).date() > s.today


def in_words(keys: Iterable[tuple[str, str]], s: Situation, book: Book) -> list[TakenBack]:
    """Return the steps that still wait, for (milestone, key) pairs that were taken back."""
    told: dict[str, str] = dict(keys)
    return [
        TakenBack(entry.id, entry.title, _words(entry, s, book))
        for entry in book.entries
        if entry.id in told and entry.type in IN_WORDS and _still_waits(entry, told[entry.id], s, book)
    ]


def _still_waits(entry: Entry, key: str, s: Situation, book: Book) -> bool:
    if _not_theirs(entry, s, book):
        return False
    if entry.note == "visit":
        told_for = _date_in(key)
        # Shown one day longer: a patient who comes to the old visit can read that it moved.
        return told_for is not None and told_for >= s.today - timedelta(days=1) and _moved(told_for, s)
    start = start_of(entry, s, book)
    return start is None or start > s.now


def _moved(visit_day: date, s: Situation) -> bool:
    return s.next_visit_at is None or to_wall(s.next_visit_at, s.zone).date() != visit_day


def _words(entry: Entry, s: Situation, book: Book) -> str:
    start = start_of(entry, s, book)
    if entry.note == "visit":
        if s.next_visit_at is None:
            return "This visit is not on your plan any more. Call your clinic for a new day."
        return f"Your visit is now on {_day(s.next_visit_at, s)}, {_clock(s.next_visit_at, s)}."
    if entry.type == "medicine":
        now = (
            "Your doctor will tell you when to start it." if start is None else f"The day is now {_day(start, s)}."
        )
        return f"{now} Did you start it already? Call your clinic today."
    return "We will tell you when." if start is None else f"Not before {_day(start, s)}."


def _not_theirs(entry: Entry, s: Situation, book: Book) -> bool:
    return any(gate.then == "not_applicable" and holds(gate, s, book, entry) for gate in entry.gates)


def _date_in(key: str) -> date | None:
    """Return the date in a key such as M-PT:2026-11-21; None for the id alone."""
    _, _, rest = key.partition(":")
    return date.fromisoformat(rest[:10]) if rest else None


def _day(at: datetime, s: Situation) -> str:
    wall = to_wall(at, s.zone)
    return f"{wall:%a %b} {wall.day}"


def _clock(at: datetime, s: Situation) -> str:
    return f"{to_wall(at, s.zone):%I:%M %p}".lstrip("0")
