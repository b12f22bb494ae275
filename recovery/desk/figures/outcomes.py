"""PURE: how recoveries went, by definitions that say who is counted and from which day on.

Days are calendar days by the patient's own clocks. Day 0 is the day of the procedure. A recovery is in a figure
about days up to N only when day N is over and it was followed that long: somebody at day 5 is not in the figure of
day 7, nor is one whose recovery was closed on day 5. A figure of a period holds those whose day N ended in it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from recovery.desk.figures.shares import Share, quarter, share

# Adherence: a log on at least 7 of the first 10 days after the procedure.
FIRST_DAYS, LOGGED_DAYS = 10, 7
# Who was enrolled after this day had fewer days left than a good adherence needs.
ENROLLED_BY = FIRST_DAYS - LOGGED_DAYS + 1
SHOWN_DAYS = 14
# The days on which pain is looked at, with the days whose log may stand for them: the nearest counts.
PAIN_DAYS = {2: (2, 3), 7: (6, 8), 14: (12, 16), 28: (25, 31), 42: (37, 47)}
LAST_DAY = 42
LOOKED_AT = max(last for _, last in PAIN_DAYS.values())
# Is this pain (0 to 10) greatly reduced from the pain before (None: unknown), by the rule book?
Reduced = Callable[[int, int | None], bool]


@dataclass(frozen=True)
class Recovery:
    """One recovery. Days as above. logged: each day with a log, and its highest back pain if it was answered."""

    id: int
    day: int
    enrolled_day: int = 0
    closed_day: int | None = None
    baseline: int | None = None
    leak: bool = False
    new_fracture: bool = False
    logged: Mapping[int, int | None] = field(default_factory=dict)

    def ended(self, day: int) -> int | None:
        """How many days ago that day ended, 0 for last midnight; None when it is not over or was not followed."""
        followed = self.closed_day is None or self.closed_day >= day
        return self.day - day - 1 if followed and self.day > day else None


@dataclass(frozen=True)
class PainAt:
    """Back pain around one day. reached: followed past it. pains: of those who answered.

    low, middle, high: quartiles. reduced: those whose pain is greatly reduced by the rule book's own line.
    """

    day: int
    reached: frozenset[int]
    pains: Mapping[int, int]
    reduced: Share
    low: float | None
    middle: float | None
    high: float | None


@dataclass(frozen=True)
class Outcomes:
    """The patients' figures of one period. before: the pain before the procedure of all who are in pain."""

    adherence: Share
    late_enrolled: frozenset[int]
    logged_by_day: Sequence[tuple[int, Share]]
    before: PainAt
    pain: Sequence[PainAt]
    lasting: Share
    fractures: Share
    leaks: Share


def outcomes(recoveries: Iterable[Recovery], days: int, reduced: Reduced, *, ago: int = 0) -> Outcomes:
    """The figures of the last `days` days, or of as many days that ended `ago` days earlier."""
    rows = list(recoveries)

    def past(day: int) -> list[Recovery]:
        return [row for row in rows if (at := row.ended(day)) is not None and ago <= at < ago + days]

    asked = past(FIRST_DAYS)
    in_time = [row for row in asked if row.enrolled_day <= ENROLLED_BY]
    shown = [row for row in past(SHOWN_DAYS) if row.enrolled_day <= ENROLLED_BY]
    pain = [_pain(day, past(window[1]), reduced) for day, window in PAIN_DAYS.items()]
    last = past(LOOKED_AT)
    return Outcomes(
        adherence=_of(in_time, _adheres),
        late_enrolled=ids(asked) - ids(in_time),
        logged_by_day=[(day, _logged_on(shown, day)) for day in range(1, SHOWN_DAYS + 1)],
        before=_before([row for row in rows if any(row.id in at.reached for at in pain)], reduced),
        pain=pain,
        lasting=share(pain[-1].reduced.whole - pain[-1].reduced.part, pain[-1].reduced.whole),
        fractures=_of(last, lambda row: row.new_fracture),
        leaks=_of(past(0), lambda row: row.leak),
    )


def ids(rows: Iterable[Recovery]) -> frozenset[int]:
    """The ids of recoveries."""
    return frozenset(row.id for row in rows)


def days_logged(row: Recovery) -> int:
    """On how many of the first days after the procedure there was a log; one log on a day is enough."""
    return sum(1 <= day <= FIRST_DAYS for day in row.logged)


def pain_near(row: Recovery, day: int) -> int | None:
    """The pain of the nearest day in the window of that day, of two equally near the later; None without one."""
    first, last = PAIN_DAYS[day]
    near = {at: pain for at, pain in row.logged.items() if first <= at <= last}
    known = [(abs(at - day), -at, pain) for at, pain in near.items() if pain is not None]
    return min(known)[2] if known else None


def _adheres(row: Recovery) -> bool:
    return days_logged(row) >= LOGGED_DAYS


def _logged_on(rows: Sequence[Recovery], day: int) -> Share:
    return _of(rows, lambda row: day in row.logged)


def _of(rows: Sequence[Recovery], holds: Callable[[Recovery], bool]) -> Share:
    return share(ids(row for row in rows if holds(row)), ids(rows))


def _pain(day: int, reached: Sequence[Recovery], reduced: Reduced) -> PainAt:
    pains = {row.id: pain for row in reached if (pain := pain_near(row, day)) is not None}
    lower = {row.id for row in reached if row.id in pains and reduced(pains[row.id], row.baseline)}
    return _spread(day, ids(reached), pains, share(lower, set(pains)))


def _before(reached: Sequence[Recovery], reduced: Reduced) -> PainAt:
    pains = {row.id: row.baseline for row in reached if row.baseline is not None}
    lower = {row.id for row in reached if row.id in pains and reduced(pains[row.id], row.baseline)}
    return _spread(0, ids(reached), pains, share(lower, set(pains)))


def _spread(day: int, reached: frozenset[int], pains: Mapping[int, int], lower: Share) -> PainAt:
    ordered = sorted(pains.values())
    low, middle, high = (quarter(ordered, which) for which in (1, 2, 3))
    return PainAt(day, reached, pains, lower, low, middle, high)
