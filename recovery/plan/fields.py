"""Convert loose values (JSON or Python) to exact ones; errors name the field and the reason. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from patients.values.bounds import READ, zones

MAX_DELAY_HOURS = 1_000_000
UNTIL_CLEARED = "until_cleared"

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WALL = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class InvalidInput(ValueError):
    """A value cannot be read; the text names the field and the reason."""


class Fields:
    """A mapping of loose values. Each method reads one key or raises InvalidInput; null counts as missing."""

    def __init__(self, name: str, values: object) -> None:
        if not isinstance(values, Mapping):
            raise InvalidInput(f"{name}: must be an object")
        self.name = name
        self.values: Mapping[str, Any] = values

    def fail(self, key: str, reason: str) -> InvalidInput:
        """Return the error for one key, ready to raise."""
        return InvalidInput(f"{self.name}.{key}: {reason}" if self.name else f"{key}: {reason}")

    def allow_only(self, keys: Collection[str]) -> None:
        """Raise on a key outside `keys`, so that a misspelt safety answer does not count as missing."""
        for key in self.values:
            if key not in keys:
                raise self.fail(str(key), "unknown key")

    def required(self, key: str) -> None:
        """Raise when the key is missing or null."""
        if self.values.get(key) is None:
            raise self.fail(key, "missing")

    def instant(self, key: str) -> datetime | None:
        """Return an aware datetime in UTC, or None."""
        value = self.values.get(key)
        return None if value is None else self._instant(key, value)

    def _instant(self, key: str, value: object) -> datetime:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise self.fail(key, "must be a date and time like 2026-11-21T10:00:00-05:00") from None
        if not isinstance(value, datetime):
            raise self.fail(key, "must be a date and time like 2026-11-21T10:00:00-05:00")
        if value.utcoffset() is None:
            raise self.fail(key, "needs a UTC offset")
        self._check_year(key, value.year)
        return value.astimezone(UTC)

    def day(self, key: str) -> date | None:
        """Return a local calendar date, or None."""
        value = self.values.get(key)
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                raise self.fail(key, "no such date") from None
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fail(key, "must be a date like 2026-11-21")
        self._check_year(key, value.year)
        return value

    def day_or_until_cleared(self, key: str) -> date | None:
        """Return a local date, or None; 'until_cleared' gives date.max."""
        if self.values.get(key) == UNTIL_CLEARED:
            return date.max
        try:
            return self.day(key)
        except InvalidInput as error:
            raise InvalidInput(f"{error} or '{UNTIL_CLEARED}'") from None

    def flag(self, key: str) -> bool | None:
        """Return True, False or None."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.fail(key, "must be true or false")

    def choice(self, key: str, options: Collection[str]) -> str | None:
        """Return one of a closed set of words, or None."""
        value = self.values.get(key)
        if value is None or (isinstance(value, str) and value in options):
            return value
        raise self.fail(key, f"must be one of {', '.join(options)}")

    def whole_number(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number within the bounds, both included, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise self.fail(key, f"must be a whole number from {low} to {high}")

    def words(self, key: str) -> frozenset[str]:
        """Return a list of words as a set."""
        value = self.values.get(key)
        if value is None:
            return frozenset()
        if isinstance(value, list | tuple | set | frozenset) and all(isinstance(word, str) for word in value):
            return frozenset(value)
        raise self.fail(key, "must be a list of words")

    def zone(self, key: str) -> ZoneInfo:
        """Return an IANA time zone that is a place, the only kind that is stored (patients.values.bounds)."""
        self.required(key)
        value = self.values[key]
        name = value.key if isinstance(value, ZoneInfo) else value
        if not isinstance(name, str):
            raise self.fail(key, "must be the name of a time zone, like America/New_York")
        if name not in zones():
            raise self.fail(key, "unknown time zone: must be a place, like America/New_York")
        return ZoneInfo(name)

    def wall_times(self, key: str) -> tuple[time, time] | None:
        """Return two local times, such as ['21:00', '08:00'], or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise self.fail(key, "must be two times like ['21:00', '08:00']")
        if not all(isinstance(wall, str) and _WALL.fullmatch(wall) for wall in value):
            raise self.fail(key, "must be two times like ['21:00', '08:00']")
        return time.fromisoformat(value[0]), time.fromisoformat(value[1])

    def hours(self, key: str) -> float | None:
        """Return a finite number of hours, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(key, "must be a number of hours")
        # This form of the test also refuses NaN.
        if not -MAX_DELAY_HOURS <= value <= MAX_DELAY_HOURS:
            raise self.fail(key, f"must be at most {MAX_DELAY_HOURS} hours")
        return float(value)

    def part(self, key: str) -> "Fields":
        """Return the object under a key; empty when it is missing."""
        value = self.values.get(key)
        return Fields(f"{self.name}.{key}", {} if value is None else value)

    def _check_year(self, key: str, year: int) -> None:
        if not READ.first <= year <= READ.last:
            raise self.fail(key, f"year must be from {READ.first} to {READ.last}")


class Careful:
    """Reads values that must not stop the plan: an unreadable one is replaced and noted as a problem."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, value: Callable[[], T | None], otherwise: T | None) -> T | None:
        """Return the value, or `otherwise` and note the problem."""
        try:
            return value()
        except InvalidInput as error:
            self.problems.append(str(error))
            return otherwise
