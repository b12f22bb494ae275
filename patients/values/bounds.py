"""PURE: the bounds of stored values.

Forms, imports, models, the database and the readers (plan and rules) all use them, so that no value can be stored
that cannot be read again.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@dataclass(frozen=True)
class Years:
    """A range of calendar years, both ends included."""

    first: int
    last: int

    def hold(self, moment: date) -> bool:
        """Return whether a date or time is in these years."""
        return self.first <= moment.year <= self.last


@dataclass(frozen=True)
class Numbers:
    """A range of numbers, both ends included."""

    lowest: float
    highest: float

    def hold(self, number: float) -> bool:
        """Return whether the number is in the range; False for NaN."""
        return self.lowest <= number <= self.highest


# The years that readers accept: adding years of hours to them never overflows.
READ = Years(1900, 2200)
BIRTH = Years(1900, 2100)
# For procedures, visits, restarts, braces, shifts, consents, helpers and logs. Refuses a mistyped year like 206.
CARE = Years(2000, 2100)

HU = Numbers(-1000, 3000)
T_SCORE = Numbers(-10, 10)
PAIN = Numbers(0, 10)
# Milligrams of acetaminophen a day.
APAP_MG = Numbers(500, 4000)
# Minutes of staff for one contact.
MINUTES = Numbers(1, 240)
# Bounds of overrides: a fever line can only be lowered, and grace and later permissions have a maximum.
FEVER_F, FEVER_C = Numbers(99.0, 100.3), Numbers(37.2, 37.9)
GRACE_HOURS = Numbers(0, 72)
LATER_HOURS = Numbers(0, 24 * 366)
# Hours at most, for a clinic or one patient, so that some time is left to send notes.
QUIET_HOURS_MOST = 16

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
# For the database: the form of a geographic name; zones() says which ones exist.
ZONE_SHAPE = rf"^({'|'.join(REGIONS)})/[A-Za-z0-9_+/-]{{1,50}}$"
# Tried first when a zone that is not a place must be replaced by one.
COMMON_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)


@cache
def zones() -> frozenset[str]:
    """Return the time zones named after places: America/Chicago, not EST, Factory or Etc/GMT-5."""
    return frozenset(name for name in available_timezones() if name.partition("/")[0] in REGIONS)


def place_of(zone: str) -> str:
    """Return the place that a zone is named after, such as Denver or New York."""
    return zone.rpartition("/")[2].replace("_", " ")


def zone_like(name: str, now: datetime) -> str | None:
    """Return a place with the same clocks all year as this zone, or None."""
    if name in zones():
        return name
    try:
        wanted = _clocks(name, now.year)
    except (KeyError, ValueError, OSError):
        return None
    return next((zone for zone in (*COMMON_ZONES, *sorted(zones())) if _clocks(zone, now.year) == wanted), None)


def _clocks(name: str, year: int) -> tuple[object, ...]:
    zone = ZoneInfo(name)
    return tuple(datetime(year, month, 1, 12, tzinfo=UTC).astimezone(zone).utcoffset() for month in range(1, 13))


def first_moment(years: Years) -> datetime:
    """Return the first moment of the first year, in UTC."""
    return datetime(years.first, 1, 1, tzinfo=UTC)


def end_moment(years: Years) -> datetime:
    """Return the first moment after the last year, in UTC."""
    return datetime(years.last + 1, 1, 1, tzinfo=UTC)


def nearest(moment: datetime, years: Years = CARE) -> datetime:
    """Return the time, or the first or last second of these years when it lies outside them (a wrong clock)."""
    aware = moment.replace(tzinfo=UTC) if moment.year < years.first or moment.year > years.last else moment
    last = end_moment(years).replace(year=years.last, month=12, day=31, hour=23, minute=59, second=59)
    return min(max(aware, first_moment(years)), last)
