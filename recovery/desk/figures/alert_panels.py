"""What the figures page says of alerts: how many, how fast, by shift, by week, by rule, and who did the work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from alerts.monitoring.figures import ENOUGH, MOST_STEPS, RuleFigures, Spread, TierFigures, percent, severe_first
from alerts.monitoring.figures_by import SHIFTS, ShiftFigures, Week, Work
from patients.models import Staff
from patients.permissions import Permission, may
from patients.templatetags.kypho import tier_label
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, WATCH
from recovery.desk.desk_words import for_how_long, sign_words
from recovery.desk.figures.behind import alerts_behind
from recovery.desk.figures.figures_query import ClinicFigures
from recovery.desk.figures.number import Number, Numbers, percent_words
from recovery.desk.figures.pictures import WeekPicture, week_picture
from recovery.triage.rulebook import load_rulebook

RULES_SHOWN = 12
BAR_WIDTH = 240
# Our goals. Studies of alarms find that most are of no use (docs: alert fatigue).
USEFUL_GOAL_PERCENT = 50
PAGES_GOAL = 3
MEASURES = {"seen": "Seen by a person", "contacted": "In touch with the patient", "closed": "Closed"}
# Counts of alerts, by their keys in behind.py.
COUNTED = (
    *("alerts", "useful", "judged", "unjudged", "reopened", "expired", "open"),
    *("without", "resolved", "without_urgent", "resolved_urgent"),
)
# From the bottom of a bar up.
COLORS = {CALL_911: "b911", CALL_DOCTOR_NOW: "bnow", WATCH: "bwatch"}


def shift_words(shift: str) -> str:
    """Return a shift with its hours: Day, 7 AM to 3 PM."""
    names = list(SHIFTS)
    following = names[(names.index(shift) + 1) % len(names)]
    return f"{shift.title()}, {_hour(SHIFTS[shift])} to {_hour(SHIFTS[following])}"


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}"


@dataclass(frozen=True)
class SpeedCheck:
    """The check that more urgent alerts were answered sooner. state: good, bad or unknown."""

    state: str
    words: str


@dataclass(frozen=True)
class SpeedRow:
    """One tier (in one shift) and measure: how many, half and nine of ten by when, waiting, closed without."""

    tier: str
    shift: str
    measure: str
    done: Number
    half: str
    most: str
    waiting: Number
    without: Number
    few: bool


@dataclass(frozen=True)
class WorkRow:
    """The work of one person, or of several together."""

    name: str
    taken: Number
    contacted: Number
    not_reached: Number
    closed: Number
    pages: int
    contacts: int
    minutes: int


def verdict(tiers: list[TierFigures]) -> SpeedCheck:
    """Return the check as one sentence."""
    right, wrong = severe_first(tiers)
    seen = ", ".join(
        f"{tier_label(tier.tier)} {wait_words(tier.seen.median)}" for tier in tiers if tier.seen.count
    )
    if right is None:
        return SpeedCheck("unknown", "There are too few alerts in this time to compare the tiers.")
    if right:
        return SpeedCheck("good", f"The more urgent was answered sooner. Half were seen within: {seen}.")
    words = {"seen": "seen", "contacted": "contacted"}
    pairs = "; ".join(
        f"{tier_label(more)} was {words[measure]} later than {tier_label(less)}" for measure, more, less in wrong
    )
    told = f"The more urgent was NOT answered sooner: {pairs}. Look at whom you tell and how soon."
    return SpeedCheck("bad", told)


def wait_words(minutes: float | None) -> str:
    """Return a wait in words: under a minute, 9 min, 3 h, 2 days, or not yet."""
    if minutes is None:
        return "not yet"
    return "under 1 min" if minutes < 1 else for_how_long(timedelta(minutes=minutes))


def alert_panels(found: ClinicFigures, numbers: Numbers, reader: Staff) -> dict[str, Any]:
    """Return the words, numbers and pictures about alerts. reader: who sees the work of all, or their own."""
    all_of = found.figures
    counts = _counts(found, numbers)
    return {
        "counts": counts,
        "verdict": verdict(all_of.tiers),
        "useful_percent": percent_words(percent(all_of.useful, all_of.judged)),
        "closed_percent": percent_words(percent(all_of.closed_soon, all_of.old_enough)),
        "goals": {"useful": USEFUL_GOAL_PERCENT, "pages": PAGES_GOAL},
        "speed": [row for tier in all_of.tiers for row in _tier_rows(tier, numbers)],
        "shifts": [row for shift in found.shifts for row in _shift_rows(shift, numbers)],
        "shift_names": [shift_words(shift) for shift in SHIFTS],
        "weeks": found.weeks,
        "week_rows": [_week_row(week, numbers) for week in found.weeks],
        "week_picture": _weeks(found.weeks, numbers),
        "work": work_rows(found, numbers, reader),
        "steps": [(_step_words(step), numbers.of(count, f"step:{step}")) for step, count in all_of.steps],
        "rules": _rule_rows(all_of.rules[:RULES_SHOWN], numbers),
        "bar_width": BAR_WIDTH,
        "few": ENOUGH,
    }


def _step_words(step: int) -> str:
    return f"{step}{' or more' if step == MOST_STEPS else ''} {'time' if step == 1 else 'times'}"


def _counts(found: ClinicFigures, numbers: Numbers) -> dict[str, Number]:
    """Return the counts of alerts by their key; the lists open by the same function."""
    counted = {key: len(alerts_behind(key, found.rows, (), UTC) or ()) for key in COUNTED}
    return {key: numbers.of(count, key) for key, count in counted.items()}


def _tier_rows(tier: TierFigures, numbers: Numbers) -> Iterable[SpeedRow]:
    for measure in MEASURES:
        if tier.alerts:
            yield _speed(tier.tier, "", measure, getattr(tier, measure), numbers)


def _shift_rows(shift: ShiftFigures, numbers: Numbers) -> Iterable[SpeedRow]:
    for measure, spread in shift.times.items():
        yield _speed(shift.tier, shift.shift, measure, spread, numbers)


def _speed(tier: str, shift: str, measure: str, spread: Spread, numbers: Numbers) -> SpeedRow:
    def count(state: str, n: int) -> Number:
        return numbers.of(n, ":".join(filter(None, (measure, tier, state, shift))))

    return SpeedRow(
        tier=tier,
        shift=shift_words(shift) if shift else "",
        measure=MEASURES[measure],
        done=count("done", spread.count - spread.still_open),
        half=wait_words(spread.median) if spread.count else "",
        most=wait_words(spread.p90) if spread.count else "",
        waiting=count("waiting", spread.still_open),
        without=count("without", spread.without),
        few=spread.count < ENOUGH,
    )


def _week_row(week: Week, numbers: Numbers) -> dict[str, Any]:
    key = f"week:{week.start.isoformat()}"
    return {
        "start": week.start,
        "alerts": numbers.of(week.alerts, key),
        "tiers": [numbers.of(count, f"{key}:{tier}") for tier, count in week.by_tier.items()],
        "logs": week.logs,
        "per_100": f"{100 * week.alerts / week.logs:.1f}" if week.logs else "",
        "useful": f"{week.useful} of {week.judged}" if week.judged else "",
        "contacted": wait_words(week.contacted.median) if week.contacted.count else "",
        "n": week.contacted.count,
    }


def _weeks(weeks: list[Week], numbers: Numbers) -> WeekPicture:
    rows = []
    for week in weeks:
        counts = {COLORS[tier]: week.by_tier.get(tier, 0) for tier in COLORS}
        told = ", ".join(f"{week.by_tier.get(tier, 0)} {tier_label(tier)}" for tier in COLORS)
        words = f"Week of {week.start:%b} {week.start.day}: {week.alerts} alerts; {told}"
        href = numbers.of(week.alerts, f"week:{week.start.isoformat()}").href
        rows.append((f"{week.start:%b} {week.start.day}", words, href, counts))
    return week_picture(rows)


def work_rows(found: ClinicFigures, numbers: Numbers, reader: Staff) -> list[WorkRow]:
    """Return the work by person, the most alerts first; without SEE_WORKLOAD one's own and the others together."""
    known = [(pk, work) for pk, work in found.work.items() if pk in found.people and work.any]
    if not may(reader, Permission.SEE_WORKLOAD):
        others = [work for pk, work in known if pk != reader.pk]
        known = [(pk, work) for pk, work in known if pk == reader.pk]
        rows = [_work_row(pk, found.people[pk], work, numbers) for pk, work in known]
        return [*rows, _together(others)] if others else rows
    known.sort(key=lambda one: (-one[1].taken - one[1].contacted, found.people[one[0]].name))
    return [_work_row(pk, found.people[pk], work, numbers) for pk, work in known]


def _work_row(pk: int, person: Staff, work: Work, numbers: Numbers) -> WorkRow:
    return WorkRow(
        name=f"{person.name}, {person.get_role_display().lower()}",
        taken=numbers.of(work.taken, f"work:{pk}:taken"),
        contacted=numbers.of(work.contacted, f"work:{pk}:contacted"),
        not_reached=numbers.of(work.not_reached, f"work:{pk}:not_reached"),
        closed=numbers.of(work.closed, f"work:{pk}:closed"),
        pages=work.pages,
        contacts=work.contacts,
        minutes=work.minutes,
    )


def _together(works: list[Work]) -> WorkRow:
    def total(name: str) -> int:
        return sum(getattr(work, name) for work in works)

    return WorkRow(
        name=f"{len(works)} colleague{'s' if len(works) > 1 else ''} together",
        taken=Number(str(total("taken"))),
        contacted=Number(str(total("contacted"))),
        not_reached=Number(str(total("not_reached"))),
        closed=Number(str(total("closed"))),
        pages=total("pages"),
        contacts=total("contacts"),
        minutes=total("minutes"),
    )


def _rule_rows(rules: list[RuleFigures], numbers: Numbers) -> list[dict[str, Any]]:
    """Return each rule with its words and a bar of its alerts, with the part judged not useful."""
    most = max((rule.alerts for rule in rules), default=0) or 1
    return [
        {
            "id": rule.rule,
            "words": rule_words(rule.rule),
            "alerts": numbers.of(rule.alerts, f"rule:{rule.rule}:all"),
            "judged": numbers.of(rule.judged, f"rule:{rule.rule}:judged"),
            "not_useful": numbers.of(rule.not_useful, f"rule:{rule.rule}:not_useful"),
            "percent": percent_words(rule.not_useful_percent),
            "width": BAR_WIDTH * rule.alerts / most,
            "part": BAR_WIDTH * rule.not_useful / most,
        }
        for rule in rules
    ]


def rule_words(rule_id: str) -> str:
    """Return a rule in a nurse's words: its sign, or a latch rule's reason; "" when unknown."""
    book = load_rulebook()
    rules = {rule.id: rule for rule in (*book.urgent, *book.watch)}
    if rule_id in rules:
        return sign_words(rules[rule_id].sign or rule_id)
    return next((rule.reason for rule in book.latch if rule.id == rule_id), "")
