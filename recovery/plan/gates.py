"""Check whether a gate of milestones.json holds; compute the values of its test (kinds: vocabulary.py). Pure."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from recovery.plan.book import Book, Entry, Gate
from recovery.plan.clock import elapsed_hours
from recovery.plan.keys import dated_key
from recovery.plan.situation import Situation


def holds(gate: Gate, s: Situation, book: Book, entry: Entry) -> bool:
    """Return whether this gate of this milestone holds now."""
    return bool(book.tests[gate.test].holds(Values(s, book, entry)))


class Values(dict[str, Any]):
    """The facts a test may use, each computed when it is used."""

    def __init__(self, s: Situation, book: Book, entry: Entry) -> None:
        super().__init__()
        self.of = (s, book, entry)

    def __missing__(self, name: str) -> Any:
        s, book, entry = self.of
        if name in book.numbers:
            return book.numbers[name]
        if name in book.groups:
            return book.groups[name]
        return VALUES[name](s, book, entry)


def _since(moment: datetime | None, s: Situation) -> float | None:
    return None if moment is None else elapsed_hours(moment, s.now)


def _restart(s: Situation) -> date | None:
    return s.start_dates["thinner_restart_on"]


def _since_restart_days(s: Situation, book: Book, entry: Entry) -> int | None:
    day = _restart(s)
    return None if day is None else (s.today - day).days


def next_visit_in_hours(s: Situation) -> float | None:
    """Return the real hours until the next visit, negative after it; None when no visit is set."""
    return None if s.next_visit_at is None else elapsed_hours(s.now, s.next_visit_at)


Value = Callable[[Situation, Book, Entry], Any]
# Values that the tests of the cards use too.
OF_A_SITUATION: dict[str, Callable[[Situation], Any]] = {
    "tier": lambda s: s.tier,
    "open_signs": lambda s: s.open_signs,
    "today": lambda s: s.today,
    "heavy_cleared_on": lambda s: s.overrides.heavy_cleared_on,
    "strenuous_cleared_on": lambda s: s.overrides.strenuous_cleared_on,
    "next_visit_in_hours": next_visit_in_hours,
    "blood_thinner_held": lambda s: s.blood_thinner_held,
    "opioid_prescribed": lambda s: s.opioid_prescribed,
    "pt_ordered": lambda s: s.pt_ordered,
}


def _of(value: Callable[[Situation], Any]) -> Value:
    return lambda s, book, entry: value(s)


VALUES: dict[str, Value] = {
    **{name: _of(value) for name, value in OF_A_SITUATION.items()},
    "hours": lambda s, book, entry: s.hours,
    "end_hours": lambda s, book, entry: entry.end_hours,
    "since_log_hours": lambda s, book, entry: s.since_log_hours(),
    "since_opioid_hours": lambda s, book, entry: _since(s.opioid_last_dose_at, s),
    "opioid_known": lambda s, book, entry: s.opioid_known,
    "since_strong_pill_answer_hours": lambda s, book, entry: _since(s.strong_pill_answer_at, s),
    "since_lifting_question_hours": lambda s, book, entry: _since(s.day(book.settings["heavy_ask_day"]), s),
    "no_drive_until": lambda s, book, entry: s.overrides.no_drive_until,
    "no_work_until": lambda s, book, entry: s.overrides.no_work_until,
    "ice_ok": lambda s, book, entry: s.overrides.ice_ok,
    "job_type": lambda s, book, entry: s.job_type,
    "pain_site": lambda s, book, entry: s.pain_site,
    "swollen": lambda s, book, entry: s.swollen,
    "thinner_restart_on": lambda s, book, entry: _restart(s),
    "since_restart_days": _since_restart_days,
    # A step withheld on its day waits until a clinician sets a day again; another day makes another key.
    "held_back_on_its_day": lambda s, book, entry: dated_key(entry, s) in s.held_back,
    "brace_prescribed": lambda s, book, entry: s.brace_prescribed,
    "brace_until": lambda s, book, entry: s.brace_until,
}
