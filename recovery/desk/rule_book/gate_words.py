"""When a milestone starts and what may hold it back, in a clinician's words."""

from collections.abc import Mapping
from typing import Any

from recovery.plan.book import Book, Entry, Gate

# What a gate does to its milestone.
THEN_WORDS = {
    "withheld": "Held back when",
    "ask_first": "Ask first when",
    "ended": "Over when",
    "not_applicable": "Not shown when",
    "reached": "Told when",
}
TYPE_WORDS = {
    "limit": "Limit: never held back",
    "care": "Care",
    "permission": "Permission",
    "education": "Education",
    "visit": "Visit",
    "check": "Check",
    "medicine": "Medicine",
}
DATE_WORDS = {
    "thinner_restart_on": "on the restart date the clinic set",
    "pt_start_on": "on the day PT starts",
    "next_visit_at": "the day before the visit and on its morning; on day {visit_prompt_day} when none is set",
}


def when_words(entry: Entry, book: Book) -> str:
    """Return from when to when: "from 48 h", "0 to 24 h", "from day 14"."""
    ((kind, value),) = entry.start.items()
    if kind == "hours":
        return f"{value} to {entry.end_hours} h" if entry.end_hours else f"from {value} h"
    if kind == "days":
        repeats = f", then every {book.settings['monthly_every_days']} days" if entry.note == "monthly" else ""
        return f"from day {value}{repeats}"
    return _filled(DATE_WORDS[value], book.settings)


def gate_words(gate: Gate, book: Book) -> str:
    """Return one gate as a sentence: "Held back when a leg sign is open"."""
    return f"{THEN_WORDS[gate.then]} {_filled(book.tests[gate.test].plain, book.settings)}"


def _filled(words: str, settings: Mapping[str, Any]) -> str:
    return words.format_map(settings)
