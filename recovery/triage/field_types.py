"""One check per type of field: why a value is refused, or None. The reason never repeats the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

from patients.values.bounds import zones

Field = Mapping[str, Any]
Check = Callable[[Any, Field], str | None]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
UNTIL_CLEARED = "until_cleared"
# The default of the patient record's time zone field, which is not a zone itself.
NO_ZONE = "UTC"


def reason_against(value: Any, field: Field) -> str | None:
    """Return why this field may not hold this value, or None. `field` has type, values, range, nullable."""
    if value is None and field.get("nullable"):
        return None
    return _CHECKS[field["type"]](value, field)


def is_known_type(name: Any) -> bool:
    """Return whether there is a check for this type."""
    return name in _CHECKS


def is_finite_number(value: Any) -> bool:
    """Return whether the value is a JSON number that a double can hold; true and false are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # an integer too long for a double
        return False


def is_clock(value: Any) -> bool:
    """Return whether the value is a wall time like 09:00."""
    return isinstance(value, str) and _CLOCK.fullmatch(value) is not None


def _number(value: Any, field: Field) -> str | None:
    if not is_finite_number(value):
        return "must be a finite number"
    return _in_range(value, field)


def _integer(value: Any, field: Field) -> str | None:
    if not is_finite_number(value) or value != int(value):
        return "must be a whole number"
    return _in_range(value, field)


def _in_range(value: float, field: Field) -> str | None:
    low, high = field.get("range", (None, None))
    if low is not None and not low <= value <= high:
        return f"must be from {low} to {high}"
    return None


def _enum(value: Any, field: Field) -> str | None:
    codes = codes_of(field)
    return None if isinstance(value, str) and value in codes else f"must be one of: {', '.join(codes)}"


def _set(value: Any, field: Field) -> str | None:
    if not isinstance(value, list):
        return "must be a list"
    codes = codes_of(field)
    if not all(isinstance(member, str) and member in codes for member in value):
        return f"must hold only: {', '.join(codes)}"
    return "holds a value twice" if len(set(value)) < len(value) else None


def _text(value: Any, field: Field) -> str | None:
    if not isinstance(value, str):
        return "must be a text"
    longest = field.get("maxlen")
    return f"is longer than {longest} characters" if longest and len(value) > longest else None


def _bool(value: Any, field: Field) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _list(value: Any, field: Field) -> str | None:
    return None if isinstance(value, list) else "must be a list"


def _anything(value: Any, field: Field) -> str | None:
    return None


def _date(value: Any, field: Field) -> str | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return "is not a day of the calendar"
        return None
    return "must be a date like 2026-01-31"


def _date_or_cleared(value: Any, field: Field) -> str | None:
    return None if value == UNTIL_CLEARED else _date(value, field)


def _datetime(value: Any, field: Field) -> str | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        return "must be a date and time with offset, like 2026-01-31T09:30:00-05:00"
    return None


def _zone(value: Any, field: Field) -> str | None:
    """Accept the name of a place, as stored zones are (patients.values.bounds), or the schema's default."""
    known = isinstance(value, str) and (value == NO_ZONE or value in zones())
    return None if known else "must be an IANA time zone of a place"


def _hours_by_key(value: Any, field: Field) -> str | None:
    if isinstance(value, dict) and all(is_finite_number(hours) and hours >= 0 for hours in value.values()):
        return None
    return "must give hours, 0 or more, for each milestone"


def _quiet_hours(value: Any, field: Field) -> str | None:
    if isinstance(value, list) and len(value) == 2 and all(map(is_clock, value)):
        return None
    return "must be two clock times like 21:00"


MOST_STEPS = 60
MOST_CONCEPTS = 100
_STEP = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)


def _concepts(value: Any, field: Field) -> str | None:
    """Accept keys of concepts, also unknown ones: the phone's rule book may be older or newer."""
    if not isinstance(value, list) or len(value) > MOST_CONCEPTS:
        return f"must be a list of at most {MOST_CONCEPTS} concepts"
    if not all(isinstance(key, str) and _STEP.fullmatch(key) for key in value):
        return "must name each concept with at most 40 letters, digits or _"
    return None


def _seconds_by_step(value: Any, field: Field) -> str | None:
    low, high = field["range"]
    if not isinstance(value, dict) or len(value) > MOST_STEPS:
        return f"must give seconds for at most {MOST_STEPS} steps"
    if not all(isinstance(step, str) and _STEP.fullmatch(step) for step in value):
        return "must name each step with at most 40 letters, digits or _"
    if not all(is_finite_number(seconds) and low <= seconds <= high for seconds in value.values()):
        return f"must give {low} to {high} seconds for each step"
    return None


def codes_of(field: Field) -> list[str]:
    """Return the allowed codes of an enum or set field."""
    return [value if isinstance(value, str) else value["code"] for value in field["values"]]


_CHECKS: Mapping[str, Check] = {
    "number": _number,
    "integer": _integer,
    "enum": _enum,
    "set": _set,
    "text": _text,
    "bool": _bool,
    "list": _list,
    "any": _anything,
    "date": _date,
    "date_or_cleared": _date_or_cleared,
    "datetime": _datetime,
    "zone": _zone,
    "hours_by_key": _hours_by_key,
    "quiet_hours": _quiet_hours,
    "seconds_by_step": _seconds_by_step,
    "concepts": _concepts,
}
