"""PURE: which codes of remote therapeutic monitoring (RTM) a recovery's days, minutes and talks support.

The numbers are those of 2026: CMS, physician fee schedule final rule for 2026, and its therapy code update (CR
14250, MLN Matters MM14250). A clinic may set others. A code here is a suggestion to check: the codes need a device
as the FDA defines it, and the payer decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

PERIOD = 30
SETUP, FEW_DAYS, MANY_DAYS, FEW_MINUTES, FIRST_MINUTES, MORE_MINUTES = (
    "98975",
    "98985",
    "98977",
    "98979",
    "98980",
    "98981",
)


@dataclass(frozen=True)
class Thresholds:
    """Days with data in 30 for 98985 (and 98975) and for 98977; minutes in a month for 98979 and for 98980."""

    days_short: int = 2
    days_long: int = 16
    minutes_short: int = 10
    minutes_long: int = 20

    @property
    def codes(self) -> Mapping[str, str]:
        """Each code with what it asks for."""
        step, low = self.minutes_long, self.minutes_short
        return {
            SETUP: f"set-up and teaching, once; from {self.days_short} days with data on",
            FEW_DAYS: f"{self.days_short} to {self.days_long - 1} days with data in {PERIOD}, musculoskeletal",
            MANY_DAYS: f"{self.days_long} days with data or more in {PERIOD}, musculoskeletal",
            FEW_MINUTES: f"the first {low} to {step - 1} minutes in a calendar month, with a live contact",
            FIRST_MINUTES: f"the first {step} minutes in a calendar month, with a live contact",
            MORE_MINUTES: f"each further {step} minutes in that month",
        }


@dataclass(frozen=True)
class Supply:
    """One period of 30 days from the first day with data on: how many days with data, and whether it is over."""

    first: date
    days: int
    over: bool
    code: str = ""

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first + timedelta(days=PERIOD - 1)


@dataclass(frozen=True)
class Billable:
    """What one recovery supports in one month. codes: each with how often. missing: what was not reached.

    supplies: the periods that end in the month, and the one that runs. set_up_on: the day with data that 98975
    asks for, if it lies in the month.
    """

    codes: Mapping[str, int]
    supplies: tuple[Supply, ...]
    set_up_on: date | None
    minutes: int
    talks: int
    missing: tuple[str, ...]


def supplies(data_days: Collection[date], today: date, asked: Thresholds) -> list[Supply]:
    """The periods of 30 days from the first day with data to the one that holds today. No day with data: none."""
    if not data_days:
        return []
    found, first = [], min(data_days)
    while first <= today:
        last = first + timedelta(days=PERIOD - 1)
        days = len({day for day in data_days if first <= day <= last})
        found.append(Supply(first, days, last < today, _supply_code(days, asked) if last < today else ""))
        first = last + timedelta(days=1)
    return found


def _supply_code(days: int, asked: Thresholds) -> str:
    if days >= asked.days_long:
        return MANY_DAYS
    return FEW_DAYS if days >= asked.days_short else ""


def management(minutes: int, talks: int, asked: Thresholds) -> dict[str, int]:
    """The codes for minutes in a calendar month; none without a live contact. 98979 never stands beside 98980."""
    if not talks or minutes < asked.minutes_short:
        return {}
    if minutes < asked.minutes_long:
        return {FEW_MINUTES: 1}
    more = minutes // asked.minutes_long - 1
    return {FIRST_MINUTES: 1, **({MORE_MINUTES: more} if more else {})}


def set_up_on(data_days: Collection[date], asked: Thresholds) -> date | None:
    """The day with data on which 98975 is reached, within the first 30 days; None before."""
    first = sorted(data_days)[: asked.days_short]
    if len(first) < asked.days_short or first[-1] >= first[0] + timedelta(days=PERIOD):
        return None
    return first[-1]


def billable(
    data_days: Collection[date], month: date, today: date, *, minutes: int, talks: int, asked: Thresholds
) -> Billable:
    """What a recovery supports in the month that begins on this day. minutes, talks: of staff in that month."""
    days = {day for day in data_days if day <= today}
    periods = supplies(days, today, asked)
    here = tuple(one for one in periods if _belongs(one, month))
    reached = set_up_on(days, asked)
    begins = reached if reached and same_month(reached, month) else None
    codes = {SETUP: 1} if begins else {}
    for one in here:
        if one.code:
            codes[one.code] = codes.get(one.code, 0) + 1
    codes |= management(minutes, talks, asked)
    return Billable(codes, here, begins, minutes, talks, tuple(_missing(here, minutes, talks, asked)))


def _belongs(one: Supply, month: date) -> bool:
    """A period belongs to the month in which it ends; while it runs, also to those that it has touched."""
    runs_there = not one.over and one.first < next_month(month) and one.last >= month
    return same_month(one.last, month) or runs_there


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _missing(here: Collection[Supply], minutes: int, talks: int, asked: Thresholds) -> list[str]:
    said = []
    for one in here:
        if not one.over:
            said.append(
                f"{_days(one.days)} with data so far; the {PERIOD} days run to {one.last:%b} {one.last.day}"
            )
        elif not one.code:
            said.append(f"{_days(one.days)} with data, {asked.days_short} are asked for")
    if minutes < asked.minutes_short:
        said.append(f"{minutes or 'no'} minutes written down, {asked.minutes_short} are asked for")
    elif not talks:
        said.append("no live contact written down in this month")
    return said


def same_month(day: date, month: date) -> bool:
    """Whether a day lies in the month."""
    return (day.year, day.month) == (month.year, month.month)


def next_month(month: date) -> date:
    """The first day of the following month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
