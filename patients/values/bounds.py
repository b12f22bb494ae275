"""PURE: how far what is stored may reach. The one place: forms, imports, models, the database and the readers
(plan and rules) ask here, so that nothing can be written that cannot be read again.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@dataclass(frozen=True)
class Years:
    """Calendar years, both included."""

    first: int
    last: int

    def hold(self, moment: date) -> bool:
        """Is this date, or moment, in one of these years?"""
        return self.first <= moment.year <= self.last


@dataclass(frozen=True)
class Numbers:
    """From the lowest to the highest, both included."""

    lowest: float
    highest: float

    def hold(self, number: float) -> bool:
        """Is it one of these? Written so that NaN is not."""
        return self.lowest <= number <= self.highest


# What the readers take: adding years of hours to these never overflows.
READ = Years(1900, 2200)
BIRTH = Years(1900, 2100)
# Procedures, visits, restarts, braces, shifts, agreements, helpers, logs. A typed year such as 206 is outside.
CARE = Years(2000, 2100)

HU = Numbers(-1000, 3000)
T_SCORE = Numbers(-10, 10)
PAIN = Numbers(0, 10)
# Milligrams of acetaminophen a day.
APAP_MG = Numbers(500, 4000)
# What a clinic sets for one patient: a fever line is only lowered, grace and later permissions end somewhere.
FEVER_F, FEVER_C = Numbers(99.0, 100.3), Numbers(37.2, 37.9)
GRACE_HOURS = Numbers(0, 72)
LATER_HOURS = Numbers(0, 24 * 366)
# Of a clinic or of one patient: there must be time left in which notes go out.
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
# For the database: the shape of a geographic name. That it exists is for the list of zones to say.
ZONE_SHAPE = rf"^({'|'.join(REGIONS)})/[A-Za-z0-9_+/-]{{1,50}}$"
# Tried first when a name that is no place has to become one.
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
    """The names of time zones that are places: America/Chicago, not EST, Factory or Etc/GMT-5."""
    return frozenset(name for name in available_timezones() if name.partition("/")[0] in REGIONS)


def zone_like(name: str, now: datetime) -> str | None:
    """A place whose clocks go all year as those of a zone that is no place; None: there is none."""
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
    """The first moment of the first year, in UTC."""
    return datetime(years.first, 1, 1, tzinfo=UTC)


def end_moment(years: Years) -> datetime:
    """The first moment after the last year, in UTC."""
    return datetime(years.last + 1, 1, 1, tzinfo=UTC)


def nearest(moment: datetime, years: Years = CARE) -> datetime:
    """The moment itself; outside these years, their first or last second: a clock that cannot be right."""
    aware = moment.replace(tzinfo=UTC) if moment.year < years.first or moment.year > years.last else moment
    last = end_moment(years).replace(year=years.last, month=12, day=31, hour=23, minute=59, second=59)
    return min(max(aware, first_moment(years)), last)
