"""PURE: reads the cells of one row as the enrolment forms take them; what cannot be read becomes a problem."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from patients.importing import spellings
from patients.importing.columns import folded
from patients.importing.spellings import Unreadable

NO_DAY = "Missing. Write the day as 2026-11-20, or leave this row out until the procedure is over."
NO_TIME = "The time is missing. Write it as 2026-11-20 14:30, or give a usual time under “Change columns”."
USUAL_TIME = "The file tells no time: {time:%H:%M} is taken, the usual time you gave."


@dataclass(frozen=True)
class Layout:
    """How a sheet is read: which column holds which field, how columns write days, the usual time of an end."""

    columns: Mapping[str, int]
    day_first: Mapping[str, bool]
    usual_time: time | None
    today: date


@dataclass
class ReadRow:
    """One row, as the forms take it. problems: by field, with what to do."""

    person: dict[str, str] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    messages_agreed: bool = False
    problems: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The fields of the sheet that have text in this row.
    given: set[str] = field(default_factory=set)

    def wrong(self, name: str, text: str) -> None:
        """Add a problem, the first of each field only."""
        if all(problem["field"] != name for problem in self.problems):
            self.problems.append({"field": name, "text": text})

    def shown(self) -> dict[str, str]:
        """Return each field as it was read, in words, to compare with the file."""
        first, last = self.person["first_name"], self.person["last_name"]
        born, ended = self.person["birth_date"], str(self.record["ended_at"]).replace("T", " ")
        return {
            "name": f"{last}, {first}" if last else first,
            "mrn": self.person["mrn"],
            "birth_date": in_words(born),
            "phone": self.person["phone"],
            "email": self.person["email"],
            "levels": ", ".join(self.record["levels"]),
            "ended_on": f"{in_words(ended[:10])}{ended[10:]}",
            "surgeon": self.record["surgeon"],
        }


def in_words(day: str) -> str:
    """Return 1944-04-13 as Apr 13, 1944, so that day and month cannot be mixed up."""
    if not day:
        return ""
    read = date.fromisoformat(day)
    return f"{read:%b} {read.day}, {read.year}"


def read_row(cells: Sequence[str], layout: Layout) -> ReadRow:
    """Return the row as the forms take it."""
    texts = {name: cells[column].strip() for name, column in layout.columns.items() if column < len(cells)}
    row = ReadRow(given={name for name, text in texts.items() if text})
    _read_name(row, texts)
    for name in ("mrn", "phone", "email"):
        row.person[name] = texts.get(name, "")
    born = _read(row, texts, "birth_date", lambda text: _day(text, "birth_date", layout))
    row.person["birth_date"] = born.isoformat() if born else ""
    row.language = _read(row, texts, "language", spellings.read_language) or ""
    row.messages_agreed = bool(_read(row, texts, "messages_agreed", spellings.read_yes))
    row.record = {name: texts.get(name, "") for name in ("surgeon", "baseline_pain", "allergies")}
    row.record["levels"] = _read(row, texts, "levels", spellings.read_levels) or []
    row.record["ended_at"] = _ended(row, texts, layout)
    # The form asks this of everybody; a file does not tell.
    row.record["job_type"] = "none"
    return row


def _read_name(row: ReadRow, texts: Mapping[str, str]) -> None:
    first, last = texts.get("first_name", ""), texts.get("last_name", "")
    if not first and texts.get("full_name"):
        first, last = spellings.read_name(texts["full_name"])
    row.person |= {"first_name": first, "last_name": last}


def _ended(row: ReadRow, texts: Mapping[str, str], layout: Layout) -> str:
    """Return the end of the procedure as a browser would send it, or "" with a problem."""
    text, at = spellings.split_time(texts.get("ended_on", ""))
    day = _read(row, {"ended_on": text}, "ended_on", lambda cell: _day(cell, "ended_on", layout))
    at = texts.get("ended_time") or at
    # A program for sheets also writes a time of day as the whole moment.
    at = spellings.split_time(at)[1] or at
    name = "ended_time" if texts.get("ended_time") else "ended_on"
    clock = _read(row, {name: at}, name, spellings.read_time)
    if not text:
        row.wrong("ended_on", NO_DAY)
    if day is None or (at and clock is None):
        return ""
    if clock is None and layout.usual_time is None:
        row.wrong("ended_on", NO_TIME)
        return ""
    if clock is None and layout.usual_time is not None:
        row.notes.append(USUAL_TIME.format(time=layout.usual_time))
    moment = clock or layout.usual_time
    return f"{day.isoformat()}T{moment:%H:%M}"


def _day(text: str, name: str, layout: Layout) -> date:
    day_first = bool(layout.day_first.get(name))
    return spellings.read_day(text, day_first=day_first, today=layout.today, born=name == "birth_date")


def _read(row: ReadRow, texts: Mapping[str, str], name: str, read: Callable[[str], Any]) -> Any:
    """Return what a cell holds, or None when it is empty or, with a problem, cannot be read."""
    text = texts.get(name, "")
    if not text:
        return None
    try:
        return read(text)
    except Unreadable as error:
        row.wrong(name, str(error))
        return None


def keys_of(row: ReadRow) -> list[str]:
    """Return what must be of one patient alone in a sheet, each with its field."""
    person = row.person
    names = " ".join(sorted((folded(person["first_name"]), folded(person["last_name"]))))
    phone = "".join(filter(str.isdigit, person["phone"]))[-10:]
    keys = {
        "mrn": person["mrn"],
        "last_name": f"{names} {person['birth_date']}" if names.strip() and person["birth_date"] else "",
        "phone": phone,
        "email": person["email"].lower(),
    }
    return [f"{name}:{value}"[:300] for name, value in keys.items() if value]
