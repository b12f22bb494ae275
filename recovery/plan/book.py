"""Read the milestones from milestones.json into typed, frozen values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any

from patients.values.wall_clock import QuietHours
from recovery.language.expression import ExpressionError
from recovery.language.named import Named, read_named
from recovery.plan.vocabulary import group_name, milestone_facts, numbers_of


@dataclass(frozen=True, slots=True)
class Gate:
    """If the named test holds, the milestone gets status `then` and this reason ('tier': the tier's own name)."""

    then: str
    test: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One milestone as written in the book. `start` has one key: hours, days, date or visit."""

    id: str
    type: str
    title: str
    start: Mapping[str, Any]
    end_hours: float | None
    before_start: str
    note: str
    texts: Mapping[str, str]
    gates: tuple[Gate, ...]
    sources: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """Return the status after the start when no gate holds: active for limits and care, else reached."""
        return "active" if self.type in ("limit", "care") else "reached"


@dataclass(frozen=True, slots=True)
class Book:
    """All milestones in order, with the settings, sign groups and texts they share."""

    entries: tuple[Entry, ...]
    settings: Mapping[str, Any]
    sign_groups: Mapping[str, frozenset[str]]
    # The conditions that gates name, and the numbers and sign groups that conditions may use besides the facts.
    tests: Mapping[str, Named]
    numbers: Mapping[str, float]
    groups: Mapping[str, frozenset[str]]
    withheld_text: str
    withheld_reason_texts: Mapping[str, str]
    quiet: QuietHours
    note_time: time
    visit_day_note_time: time
    ice_slots: tuple[time, ...]

    def entry(self, milestone_id: str) -> Entry:
        """Return one milestone; KeyError for an unknown id."""
        found = next((entry for entry in self.entries if entry.id == milestone_id), None)
        if found is None:
            raise KeyError(milestone_id)
        return found

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of all milestones."""
        return frozenset(entry.id for entry in self.entries)


def read_book(data: Mapping[str, Any]) -> Book:
    """Return the book made from plain data; KeyError or ValueError when it is malformed."""
    settings = data["settings"]
    groups = {name: frozenset(signs) for name, signs in data["sign_groups"].items()}
    tests = read_named(data["tests"], milestone_facts(data))
    entries = tuple(_entry(row) for row in data["milestones"])
    if unknown := sorted({gate.test for entry in entries for gate in entry.gates} - tests.keys()):
        raise ExpressionError(f"there is no test {unknown[0]!r}")
    return Book(
        entries=entries,
        settings=settings,
        sign_groups=groups,
        tests=tests,
        numbers=numbers_of(settings),
        groups={group_name(name): signs for name, signs in groups.items()},
        withheld_text=data["withheld_text"],
        withheld_reason_texts=data["withheld_reason_texts"],
        **_wall_times(settings),
    )


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        type=row["type"],
        title=row["title"],
        start=row["start"],
        end_hours=row.get("end_hours"),
        before_start=row.get("before_start", "not_yet"),
        note=row["note"],
        texts=row["texts"],
        gates=tuple(Gate(gate["then"], gate["if"], gate["reason"]) for gate in row["gates"]),
        sources=tuple(row["sources"]),
    )


# Clinic setting (log schema, config defaults) -> its name in the book.
SETTINGS = {
    "quiet_hours": "quiet_hours",
    "fresh_log_h": "fresh_log_hours",
    "opioid_clear_h": "opioid_clear_hours",
    "visit_prompt_day": "visit_prompt_day",
    "note_time_local": "note_time",
    "visit_day_note_local": "visit_day_note_time",
    "ice_slots_local": "ice_slots",
    "log_reminder_local": "log_reminder_times",
}


def book_for(config: Mapping[str, Any] | None) -> Book:
    """Return the product's book with a clinic's settings applied; the config must be valid."""
    book = default_book()
    if not config:
        return book
    settings = {**book.settings, **{name: config[key] for key, name in SETTINGS.items() if key in config}}
    if "missed_log_h" in config:
        settings["silence_limits_hours"] = [(row.get("until_h"), row["gap_h"]) for row in config["missed_log_h"]]
    why = dict(book.withheld_reason_texts)
    if settings["opioid_clear_hours"] != book.settings["opioid_clear_hours"]:
        why["opioid_24h"] = f"You took a strong pain pill in the last {settings['opioid_clear_hours']:g} hours."
    return replace(
        book,
        entries=tuple(_shortened(entry, config) for entry in book.entries),
        settings=settings,
        numbers=numbers_of(settings),
        withheld_reason_texts=why,
        **_wall_times(settings),
    )


def _shortened(entry: Entry, config: Mapping[str, Any]) -> Entry:
    return (
        replace(entry, end_hours=config["ice_end_h"]) if entry.note == "ice" and "ice_end_h" in config else entry
    )


def _wall_times(settings: Mapping[str, Any]) -> dict[str, Any]:
    start, end = (time.fromisoformat(wall) for wall in settings["quiet_hours"])
    return {
        "quiet": QuietHours(start, end),
        "note_time": time.fromisoformat(settings["note_time"]),
        "visit_day_note_time": time.fromisoformat(settings["visit_day_note_time"]),
        "ice_slots": tuple(time.fromisoformat(wall) for wall in settings["ice_slots"]),
    }


@cache
def default_book() -> Book:
    """Return the product's own book, read once from milestones.json in this folder."""
    return read_book(json.loads(files(__package__).joinpath("milestones.json").read_text("utf-8")))
