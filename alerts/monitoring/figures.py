"""PURE: figures on how fast staff answer alerts and how much work alerts make, computed from rows.

Times are minutes since an alert got its present tier: a watch item that became urgent on its third day counts from
then. A step not yet done counts as longer than every step that was done.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from math import ceil, inf

from patients.tiers import ALERT_TIERS, URGENT

# The most urgent first, as the page shows them.
TIERS = tuple(reversed(ALERT_TIERS))
SEEN = ("acknowledged", "snoozed", "not_reached", "contacted", "evaluated", "resolved")
CONTACT = ("contacted", "evaluated")
CLOSED_SOON = timedelta(hours=48)
# Tiers with fewer alerts than this are not compared.
ENOUGH = 3
MOST_STEPS = 4


@dataclass(frozen=True)
class AlertRow:
    """One alert with its history.

    worth: what the person who closed it said. events: (time, what, id of the person who did it), oldest first.
    sent_at: when messages about it left for staff. rules: the ids of the rules that fired. minutes: (person,
    minutes) that they wrote down.
    """

    tier: str
    opened_at: datetime
    closed_at: datetime | None = None
    worth: str = ""
    reopened: int = 0
    events: tuple[tuple[datetime, str, int | None], ...] = ()
    sent_at: tuple[datetime, ...] = ()
    rules: frozenset[str] = frozenset()
    minutes: tuple[tuple[int, int], ...] = ()
    pk: int = 0
    outcome: str = ""

    @property
    def since(self) -> datetime:
        """When the alert got its present tier."""
        rises = [at for at, what, _ in self.events if what == "upgraded"]
        return max(rises, default=self.opened_at)


@dataclass(frozen=True)
class Spread:
    """The minutes of one measure. median, p90: half and nine of ten alerts took at most this; None: not yet.

    count: alerts measured. still_open: those of them that still wait. without: alerts that were closed before it
    was done; they have no time and are counted here alone.
    """

    count: int
    still_open: int
    median: float | None
    p90: float | None
    without: int = 0


@dataclass(frozen=True)
class TierFigures:
    """How the alerts of one tier were answered."""

    tier: str
    alerts: int
    sent: Spread
    seen: Spread
    contacted: Spread
    closed: Spread


@dataclass(frozen=True)
class RuleFigures:
    """One rule: the alerts in which it fired, those of them that staff judged, and those judged not useful."""

    rule: str
    alerts: int
    judged: int
    not_useful: int

    @property
    def not_useful_percent(self) -> float | None:
        """The percentage of judged alerts that were not useful; None when none was judged."""
        return percent(self.not_useful, self.judged)


@dataclass(frozen=True)
class Figures:
    """All figures of the page."""

    days: int
    alerts: int
    logs: int
    patient_days: float
    tiers: list[TierFigures]
    useful: int
    judged: int
    not_judged: int
    closed_soon: int
    old_enough: int
    reopened: int
    expired: int
    nurses: int
    pages: int
    busiest_day: int
    steps: list[tuple[int, int]] = field(default_factory=list)
    rules: list[RuleFigures] = field(default_factory=list)

    @property
    def per_100_logs(self) -> float | None:
        """Alerts per 100 logs."""
        return percent(self.alerts, self.logs)

    @property
    def per_100_patient_days(self) -> float | None:
        """Alerts per 100 patient days."""
        return percent(self.alerts, self.patient_days)

    @property
    def pages_per_nurse_and_day(self) -> float | None:
        """The mean number of messages about alerts per nurse and day; None without nurses."""
        return self.pages / (self.nurses * self.days) if self.nurses else None


def figures(
    rows: Sequence[AlertRow],
    *,
    now: datetime,
    days: int,
    logs: int,
    spans: Iterable[tuple[datetime, datetime | None]],
    pages: Iterable[tuple[int, datetime]],
    nurses: Iterable[int],
    zone: tzinfo,
) -> Figures:
    """The figures of the alerts opened in the last days.

    spans: start and end of each recovery under watch; an end of None: it goes on. pages: member of staff and time
    of each message that left. nurses: their ids. zone: the time zone of the days.
    """
    since, known = now - timedelta(days=days), set(nurses)
    judged = [row for row in rows if row.worth]
    old = [row for row in rows if now - row.opened_at >= CLOSED_SOON]
    to_nurses = {(who, at) for who, at in pages if who in known}
    by_day = Counter((who, at.astimezone(zone).date()) for who, at in to_nurses)
    return Figures(
        days=days,
        alerts=len(rows),
        logs=logs,
        patient_days=sum(_overlap_days(start, end or now, since, now) for start, end in spans),
        tiers=[_tier(tier, [row for row in rows if row.tier == tier], now) for tier in TIERS],
        useful=sum(row.worth == "useful" for row in judged),
        judged=len(judged),
        not_judged=sum(row.closed_at is not None and not row.worth for row in rows),
        closed_soon=sum(row.closed_at is not None and row.closed_at - row.opened_at <= CLOSED_SOON for row in old),
        old_enough=len(old),
        reopened=sum(row.reopened > 0 for row in rows),
        expired=sum(what == "ack_expired" for row in rows for _, what, _ in row.events),
        nurses=len(known),
        pages=len(to_nurses),
        busiest_day=max(by_day.values(), default=0),
        steps=_steps(rows),
        rules=_rules(rows),
    )


def severe_first(found: Sequence[TierFigures]) -> tuple[bool | None, list[tuple[str, str, str]]]:
    """Did staff see and contact the more urgent tiers sooner? None when there are too few alerts to say.

    The list holds the exceptions: (measure, more urgent tier, less urgent tier).
    """
    enough = [tier for tier in found if tier.seen.count >= ENOUGH]
    if len(enough) < 2:
        return None, []
    wrong = [
        (measure, more.tier, less.tier)
        for more, less in zip(enough, enough[1:], strict=False)
        for measure in ("seen", "contacted")
        if _compares(more, less, measure) and _middle(more, measure) > _middle(less, measure)
    ]
    return not wrong, wrong


def _compares(more: TierFigures, less: TierFigures, measure: str) -> bool:
    return all(getattr(tier, measure).count >= ENOUGH for tier in (more, less))


def _middle(tier: TierFigures, measure: str) -> float:
    median = getattr(tier, measure).median
    return inf if median is None else float(median)


def percent(part: float, whole: float) -> float | None:
    """part of whole in percent; None when whole is 0."""
    return 100 * part / whole if whole else None


def spread(waits: Iterable[float | None], *, without: int = 0) -> Spread:
    """The spread of waits in minutes; a wait of None has not ended. without: see Spread."""
    given = list(waits)
    ordered = sorted(inf if wait is None else wait for wait in given)
    return Spread(
        len(given), sum(wait is None for wait in given), _rank(ordered, 0.5), _rank(ordered, 0.9), without
    )


def _rank(ordered: Sequence[float], share: float) -> float | None:
    """The nearest rank: the smallest value with at least this share of all values at or below it."""
    if not ordered:
        return None
    value = ordered[ceil(share * len(ordered)) - 1]
    return None if value == inf else value


def _tier(tier: str, rows: list[AlertRow], now: datetime) -> TierFigures:
    # Watch alerts are never paged, and an alert that was seen before any message needs none.
    paged = [row for row in rows if tier in URGENT and (_sent(row) or not seen_at(row))]
    return TierFigures(
        tier=tier,
        alerts=len(rows),
        sent=_measured(paged, _sent),
        seen=_measured(rows, seen_at),
        contacted=_measured(rows, contacted_at),
        closed=spread(wait(row, row.closed_at) for row in rows),
    )


def _measured(rows: Sequence[AlertRow], moment: Callable[[AlertRow], datetime | None]) -> Spread:
    """One wait per alert. An alert closed before the moment came has no wait and counts as without."""
    found = [(row, moment(row)) for row in rows]
    waits = [wait(row, at) for row, at in found if at is not None or row.closed_at is None]
    return spread(waits, without=len(found) - len(waits))


def wait(row: AlertRow, at: datetime | None) -> float | None:
    """The minutes from an alert's present tier to a moment; None without one."""
    return max((at - row.since).total_seconds() / 60, 0.0) if at else None


def _sent(row: AlertRow) -> datetime | None:
    return min((at for at in row.sent_at if at >= row.since), default=None)


def seen_at(row: AlertRow) -> datetime | None:
    """When a person first dealt with an alert of its present tier; None: not yet."""
    since = row.since
    return min((at for at, what, person in row.events if what in SEEN and person and at >= since), default=None)


def contacted_at(row: AlertRow) -> datetime | None:
    """When staff first spoke with or examined the patient about it; None: not yet."""
    since = row.since
    return min((at for at, what, _ in row.events if what in CONTACT and at >= since), default=None)


def _steps(rows: Iterable[AlertRow]) -> list[tuple[int, int]]:
    """How many urgent alerts took 1, 2, 3, or at least MOST_STEPS steps that told people."""
    told = (sum(what == "told" for _, what, _ in row.events) for row in rows if row.tier in URGENT)
    counted = Counter(min(count, MOST_STEPS) for count in told if count)
    return [(step, counted[step]) for step in range(1, MOST_STEPS + 1)]


def _rules(rows: Iterable[AlertRow]) -> list[RuleFigures]:
    """The figures per rule, those with the most alerts first."""
    alerts, judged, not_useful = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        alerts.update(row.rules)
        if row.worth:
            judged.update(row.rules)
        if row.worth == "not_useful":
            not_useful.update(row.rules)
    found = [RuleFigures(rule, count, judged[rule], not_useful[rule]) for rule, count in alerts.items()]
    return sorted(found, key=lambda rule: (-rule.alerts, rule.rule))


def _overlap_days(start: datetime, end: datetime, since: datetime, until: datetime) -> float:
    seconds = (min(end, until) - max(start, since)).total_seconds()
    return max(seconds, 0.0) / 86400
