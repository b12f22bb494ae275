"""PURE: the figures of alerts by shift, by week and by person, each with the alerts behind it.

A shift is eight hours by the clinic's clocks; an alert belongs to the shift in which it got its present tier, and
to the week in which it was opened.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from alerts.monitoring.figures import CONTACT, TIERS, AlertRow, Spread, contacted_at, seen_at, spread, wait
from patients.tiers import URGENT

# The hour at which each shift begins; the night goes on to the next morning.
SHIFTS = {"day": 7, "evening": 15, "night": 23}
MOMENTS = {"seen": seen_at, "contacted": contacted_at, "closed": lambda row: row.closed_at}
WEEKS = 12


@dataclass(frozen=True)
class ShiftFigures:
    """The alerts of one tier that fell into one shift, and how long each measure took (see Spread)."""

    tier: str
    shift: str
    alerts: int
    times: Mapping[str, Spread]


@dataclass(frozen=True)
class Week:
    """One week by the clinic's clocks, Monday first. contacted: minutes until staff spoke about urgent alerts."""

    start: date
    by_tier: Mapping[str, int]
    contacted: Spread
    useful: int
    judged: int
    logs: int = 0

    @property
    def alerts(self) -> int:
        """All alerts of the week."""
        return sum(self.by_tier.values())


@dataclass(frozen=True)
class Work:
    """What one person did: alerts taken, spoken about and closed, calls not reached, pages got."""

    taken: int = 0
    contacted: int = 0
    not_reached: int = 0
    closed: int = 0
    pages: int = 0
    contacts: int = 0
    minutes: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.taken + self.contacted + self.not_reached + self.closed + self.pages + self.contacts)


DONE_TO = {
    "taken": ("acknowledged",),
    "contacted": CONTACT,
    "not_reached": ("not_reached",),
    "closed": ("resolved",),
}


def shift_of(at: datetime, zone: tzinfo) -> str:
    """The shift of a moment."""
    hour = at.astimezone(zone).hour
    return next((name for name, begins in reversed(SHIFTS.items()) if hour >= begins), "night")


def week_of(at: datetime, zone: tzinfo) -> date:
    """The Monday of a moment's week."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def measured(rows: Iterable[AlertRow], measure: str) -> tuple[list[AlertRow], list[AlertRow], list[AlertRow]]:
    """The alerts that were seen, contacted or closed; those that still wait for it; those closed without it."""
    done: list[AlertRow] = []
    waiting: list[AlertRow] = []
    without: list[AlertRow] = []
    for row in rows:
        if MOMENTS[measure](row) is not None:
            done.append(row)
        else:
            (waiting if row.closed_at is None else without).append(row)
    return done, waiting, without


def times(rows: Iterable[AlertRow], measure: str) -> Spread:
    """How long it took from the present tier on, in minutes."""
    done, waiting, without = measured(rows, measure)
    waits = [wait(row, MOMENTS[measure](row)) for row in done]
    return spread([*waits, *(None for _ in waiting)], without=len(without))


def by_shift(rows: Sequence[AlertRow], zone: tzinfo) -> list[ShiftFigures]:
    """The times of each tier by shift, those without any alert left out."""
    found = []
    for tier in TIERS:
        for shift in SHIFTS:
            here = in_shift(rows, tier, shift, zone)
            if here:
                known = {measure: times(here, measure) for measure in MOMENTS}
                found.append(ShiftFigures(tier, shift, len(here), known))
    return found


def in_shift(rows: Iterable[AlertRow], tier: str, shift: str, zone: tzinfo) -> list[AlertRow]:
    """The alerts of a tier that got it in this shift."""
    return [row for row in rows if row.tier == tier and shift_of(row.since, zone) == shift]


def by_week(rows: Sequence[AlertRow], logs: Mapping[date, int], now: datetime, zone: tzinfo) -> list[Week]:
    """The last WEEKS weeks with the present one, oldest first. logs: how many came in each week, by its Monday."""
    last = week_of(now, zone)
    starts = [last - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    return [_week(start, in_week(rows, start, zone), logs.get(start, 0)) for start in starts]


def in_week(rows: Iterable[AlertRow], start: date, zone: tzinfo) -> list[AlertRow]:
    """The alerts opened in the week of this Monday."""
    return [row for row in rows if week_of(row.opened_at, zone) == start]


def _week(start: date, rows: Sequence[AlertRow], logs: int) -> Week:
    counted = Counter(row.tier for row in rows)
    urgent = [row for row in rows if row.tier in URGENT]
    return Week(
        start=start,
        by_tier={tier: counted[tier] for tier in TIERS},
        contacted=times(urgent, "contacted"),
        useful=sum(row.worth == "useful" for row in rows),
        judged=sum(bool(row.worth) for row in rows),
        logs=logs,
    )


def by_person(
    rows: Iterable[AlertRow], pages: Iterable[tuple[int, datetime]], contacts: Iterable[tuple[int, int | None]]
) -> dict[int, Work]:
    """What each member of staff did about these alerts. pages: person and time of each step that told them.

    contacts: person and minutes of each contact without an alert. An alert counts once for a person and kind of
    work, however often they did it.
    """
    tallies: dict[int, Counter[str]] = {}
    for row in rows:
        for kind, people in workers(row).items():
            for person in people:
                tallies.setdefault(person, Counter())[kind] += 1
        for person, minutes in row.minutes:
            tallies.setdefault(person, Counter())["minutes"] += minutes
    for person, _ in set(pages):
        tallies.setdefault(person, Counter())["pages"] += 1
    for person, spent in contacts:
        tallies.setdefault(person, Counter()).update({"contacts": 1, "minutes": spent or 0})
    return {person: Work(**counted) for person, counted in tallies.items()}


def workers(row: AlertRow) -> dict[str, set[int]]:
    """Who took, spoke about, tried and closed an alert, by the names of Work."""
    return {
        kind: {person for _, what, person in row.events if what in whats and person}
        for kind, whats in DONE_TO.items()
    }
