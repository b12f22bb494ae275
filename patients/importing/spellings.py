"""PURE: reads the usual spellings of days, times, levels and answers in a cell.

A day such as 04/05/1944 has two meanings. A column decides for all its cells: one cell that can only be read one
way is enough; where none is, staff are asked once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
IN_SPANISH = {"ene": 1, "abr": 4, "ago": 8, "dic": 12}
_MONTH = {**{name: n for n, name in enumerate(MONTHS, 1)}, **IN_SPANISH}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_TWO_WAYS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NAMED = (
    re.compile(r"(?P<name>[a-z]{3})[a-z]*\.?[\s-]*(?P<d>\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(?P<y>\d{4})"),
    re.compile(
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?(?: de)?[\s-]*(?P<name>[a-z]{3})[a-z]*\.?,?(?: de)?[\s-]*(?P<y>\d{4})"
    ),
)
# Between a day and a time in one cell.
_CLOCK = r"\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?\s*(?:[ap]\.?\s*m\.?)?"
_DAY_AND_TIME = re.compile(rf"(?P<day>.+?)(?:T|,?\s+)(?P<time>{_CLOCK})", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))(?::\d{2}(?:\.\d+)?)?\s*(?:([ap])\.?\s*m\.?)?", re.IGNORECASE)
_SHORT_TIME = re.compile(r"(\d{1,2})\s*([ap])\.?\s*m\.?", re.IGNORECASE)
_FOUR = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
# Two digits of a year of birth mean the 1900s for everybody up to this age.
OLDEST_OF_TWO_DIGITS = 105
REGIONS = {"T": 12, "L": 5}
YES = {"yes", "y", "true", "1", "x", "si", "sí", "agreed", "ok"}
NO = {"no", "n", "false", "0", "-", "declined"}
LANGUAGES = {"en": "en", "eng": "en", "english": "en", "ingles": "en", "inglés": "en"}
LANGUAGES |= {"es": "es", "spa": "es", "spanish": "es", "espanol": "es", "español": "es", "castellano": "es"}


class Unreadable(Exception):
    """A cell cannot be read; the text says how to write it."""


@dataclass(frozen=True)
class Order:
    """How a column writes its days. asked: no cell tells, so staff must; example: a cell with two meanings."""

    day_first: bool = False
    asked: bool = False
    example: str = ""


def order_of(cells: Iterable[str]) -> Order:
    """Return how these cells of one column write their days."""
    found: dict[bool, int] = {True: 0, False: 0}
    unsure = ""
    for cell in cells:
        match = _TWO_WAYS.match(split_time(cell)[0])
        if not match:
            continue
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second or second > 12 >= first:
            found[first > 12] += 1
        elif first != second and first <= 12:
            unsure = unsure or match[0]
    day_first = found[True] > found[False]
    return Order(day_first, asked=bool(unsure) and not any(found.values()), example=unsure)


def split_time(cell: str) -> tuple[str, str]:
    """Return the day and the time of a cell that may hold both, such as 2026-11-20 10:05."""
    match = _DAY_AND_TIME.fullmatch(cell.strip())
    return (match["day"].strip(), match["time"].strip()) if match else (cell.strip(), "")


def read_day(cell: str, *, day_first: bool, today: date, born: bool = False) -> date:
    """Return the day in a cell; raises Unreadable. born: two digits of a year lie in the past, else near today."""
    text = cell.strip().lower()
    if match := _ISO.fullmatch(text) or _EIGHT.fullmatch(text):
        return _day(cell, int(match[1]), int(match[2]), int(match[3]))
    if match := _TWO_WAYS.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        day, month = (first, second) if day_first else (second, first)
        return _day(cell, _year(match[3], today, born), month, day, other=(day, month))
    for pattern in _NAMED:
        if (match := pattern.fullmatch(text)) and match["name"] in _MONTH:
            return _day(cell, int(match["y"]), _MONTH[match["name"]], int(match["d"]))
    raise Unreadable(f"“{cell}” is no date. Write it as 1944-04-13.")


def _day(cell: str, year: int, month: int, day: int, other: tuple[int, int] | None = None) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        pass
    if other and 1 <= other[0] <= 12 < month <= 31:
        raise Unreadable(f"No month {month}. Write {year:04}-{other[0]:02}-{month:02}?")
    raise Unreadable(f"“{cell}” is no day of the calendar. Write it as 1944-04-13.")


def _year(digits: str, today: date, born: bool) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    if not born:
        return 2000 + year
    return 1900 + year if today.year - (1900 + year) <= OLDEST_OF_TWO_DIGITS else 2000 + year


def read_time(cell: str) -> time:
    """Return the time of day in a cell, such as 10:05, 1:30 PM, 2 pm or 1430; raises Unreadable."""
    text = cell.strip()
    wrong = Unreadable(f"“{cell}” is no time of day. Write it as 14:30.")
    if match := _TIME.fullmatch(text):
        return _clock(int(match[1]), int(match[2]), match[3], wrong)
    if match := _SHORT_TIME.fullmatch(text):
        return _clock(int(match[1]), 0, match[2], wrong)
    if match := _FOUR.fullmatch(text):
        return time(int(match[1]), int(match[2]))
    raise wrong


def _clock(hour: int, minute: int, half: str | None, wrong: Unreadable) -> time:
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    elif half:
        raise wrong
    if hour > 23 or minute > 59:
        raise wrong
    return time(hour, minute)


def read_levels(cell: str) -> list[str]:
    """Return the levels in a cell such as T12, L1 or T11-L1, in order; raises Unreadable."""
    text = re.sub(r"\b(?:and|y)\b|[&+/,;]", " ", cell.upper().replace("TH", "T"), flags=re.IGNORECASE)
    parts = re.sub(r"\s*(?:-|–|\bTO\b)\s*", "-", text).split()
    found: set[int] = set()
    for part in parts:
        ends = [_place(end) for end in _with_region(part).split("-")]
        if None in ends or len(ends) > 2:
            raise Unreadable(f"“{part.capitalize()}” is no level. Write T1 to T12 or L1 to L5, such as T12, L1.")
        places = sorted(place for place in ends if place is not None)
        found |= set(range(places[0], places[-1] + 1))
    return [_level(place) for place in sorted(found)]


def _with_region(part: str) -> str:
    """Return L2-4 as L2-L4."""
    first, dash, second = part.partition("-")
    return f"{first}{dash}{first[:1] if second.isdigit() else ''}{second}"


def _place(level: str) -> int | None:
    """Return the place of a vertebra counted from T1, or None."""
    match = re.fullmatch(r"([TL])0?(\d{1,2})", level)
    if not match or not 1 <= int(match[2]) <= REGIONS[match[1]]:
        return None
    return int(match[2]) + (REGIONS["T"] if match[1] == "L" else 0)


def _level(place: int) -> str:
    return f"T{place}" if place <= REGIONS["T"] else f"L{place - REGIONS['T']}"


def read_yes(cell: str) -> bool:
    """Return yes or no; raises Unreadable."""
    word = cell.strip().lower()
    if word in YES or word in NO:
        return word in YES
    raise Unreadable(f"“{cell}” is neither yes nor no. Write yes or no.")


def read_language(cell: str) -> str:
    """Return en or es; raises Unreadable."""
    code = LANGUAGES.get(cell.strip().lower())
    if code is None:
        raise Unreadable(f"“{cell}” is no language we have. Write English or Spanish.")
    return code


def read_name(cell: str) -> tuple[str, str]:
    """Return first and last name of a cell such as Brooks, Walter, or Walter Brooks."""
    last, comma, first = (part.strip() for part in cell.partition(","))
    if comma:
        return (first, last) if first else (last, "")
    given, _, family = cell.strip().rpartition(" ")
    return (given, family) if given else (family, "")
