"""The figures page: how many alerts one clinic had in a period and how they were answered; also as CSV."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.monitoring.figures import Figures, RuleFigures, Spread, TierFigures, percent, severe_first
from patients.access import StaffRequest, needs, not_too_often
from patients.permissions import Permission
from patients.templatetags.kypho import tier_label
from patients.trail import What, note
from recovery.desk.desk_words import for_how_long, sign_words
from recovery.desk.figures.figures_query import ClinicFigures, clinic_figures
from recovery.triage.rulebook import load_rulebook

PERIODS = (7, 28, 90)
USUAL = 28
RULES_SHOWN = 12
BAR_WIDTH = 240
# Our goal. Studies of alarms find that most are of no use (docs: alert fatigue).
USEFUL_GOAL_PERCENT = 50
PAGES_GOAL = 3
MEASURES = (
    ("sent", "First message sent"),
    ("seen", "Seen by a person"),
    ("contacted", "In touch with the patient"),
    ("closed", "Closed"),
)


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart: words, a number, and the length of its bar (at most BAR_WIDTH)."""

    label: str
    value: str
    width: float
    part: float = 0.0


@dataclass(frozen=True)
class SpeedCheck:
    """The check that more urgent alerts were answered sooner. state: good, bad or unknown."""

    state: str
    words: str


@require_safe
@needs(Permission.SEE_FIGURES)
def figures(request: StaffRequest) -> HttpResponse:
    """Show the figures page."""
    days = _days(request)
    found = clinic_figures(request.staff, days, timezone.now())
    return render(request, "recovery/desk/figures.html", _page(found, days))


@require_safe
@needs(Permission.SEE_FIGURES)
@not_too_often("export")
def figures_csv(request: StaffRequest) -> HttpResponse:
    """Return the same numbers as CSV: measure, of what, value, unit."""
    days = _days(request)
    found = clinic_figures(request.staff, days, timezone.now()).figures
    note(What.EXPORT, request, user=request.user, clinic=request.staff.clinic, detail=f"figures of {days} days")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="alerts-{days}-days.csv"'
    writer = csv.writer(response)
    writer.writerow(["measure", "of", "value", "unit"])
    writer.writerows(_lines(found))
    return response


def _days(request: StaffRequest) -> int:
    """Return the period in days from the address, or the default for any other value."""
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(days) for days in PERIODS} else USUAL


def _page(found: ClinicFigures, days: int) -> dict[str, Any]:
    numbers = found.figures
    return {
        "days": days,
        "periods": PERIODS,
        "found": numbers,
        "cut": found.cut,
        "people": found.now,
        "contacts": found.contacts,
        "verdict": verdict(numbers.tiers),
        "useful_percent": percent(numbers.useful, numbers.judged),
        "closed_percent": percent(numbers.closed_soon, numbers.old_enough),
        "goals": {"useful": USEFUL_GOAL_PERCENT, "pages": PAGES_GOAL},
        "measures": _times(numbers.tiers),
        "tier_bars": _tier_bars(numbers.tiers),
        "step_bars": _step_bars(numbers),
        "rules": _rule_rows(numbers.rules[:RULES_SHOWN]),
        "bar_width": BAR_WIDTH,
    }


def verdict(tiers: list[TierFigures]) -> SpeedCheck:
    """Return the check as one sentence."""
    right, wrong = severe_first(tiers)
    seen = ", ".join(f"{tier_label(tier.tier)} {_wait(tier.seen.median)}" for tier in tiers if tier.seen.count)
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


def _times(tiers: list[TierFigures]) -> list[tuple[str, list[tuple[TierFigures, dict[str, str]]]]]:
    """Return the table of times: a line for each measure, a cell for each tier."""
    return [(words, [(tier, _cells(getattr(tier, name))) for tier in tiers]) for name, words in MEASURES]


def _cells(spread: Spread) -> dict[str, str]:
    """Return one measure of one tier as the table shows it."""
    without = f"{spread.without} closed without" if spread.without else ""
    if not spread.count:
        return {"median": "none", "p90": "", "open": "", "n": "", "without": without}
    waiting = f"{spread.still_open} still waiting" if spread.still_open else ""
    times = {"median": _wait(spread.median), "p90": _wait(spread.p90), "open": waiting}
    return {**times, "n": f"n = {spread.count}", "without": without}


def _wait(minutes: float | None) -> str:
    """Return a wait in words: under a minute, 9 min, 3 h, 2 days, or not yet."""
    if minutes is None:
        return "not yet"
    return "under 1 min" if minutes < 1 else for_how_long(timedelta(minutes=minutes))


def _tier_bars(tiers: list[TierFigures]) -> list[Bar]:
    most = max((tier.alerts for tier in tiers), default=0) or 1
    return [Bar(tier_label(tier.tier), str(tier.alerts), BAR_WIDTH * tier.alerts / most) for tier in tiers]


def _step_bars(found: Figures) -> list[Bar]:
    most = max((count for _, count in found.steps), default=0) or 1
    last = found.steps[-1][0] if found.steps else 0
    return [
        Bar(
            f"{step}{' or more' if step == last else ''} {'time' if step == 1 else 'times'}",
            str(count),
            BAR_WIDTH * count / most,
        )
        for step, count in found.steps
    ]


def _rule_rows(rules: list[RuleFigures]) -> list[tuple[RuleFigures, str, Bar]]:
    """Return each rule with its words and a bar of its alerts, with the part judged not useful."""
    most = max((rule.alerts for rule in rules), default=0) or 1
    return [
        (
            rule,
            rule_words(rule.rule),
            Bar(rule.rule, str(rule.alerts), BAR_WIDTH * rule.alerts / most, BAR_WIDTH * rule.not_useful / most),
        )
        for rule in rules
    ]


def rule_words(rule_id: str) -> str:
    """Return a rule in a nurse’s words: its sign, or a latch rule's reason; "" when unknown."""
    book = load_rulebook()
    rules = {rule.id: rule for rule in (*book.urgent, *book.watch)}
    if rule_id in rules:
        return sign_words(rules[rule_id].sign or rule_id)
    return next((rule.reason for rule in book.latch if rule.id == rule_id), "")


def _lines(found: Figures) -> Iterator[list[object]]:
    """Yield every number of the page; an empty value means unknown."""
    yield ["alerts", "all", found.alerts, "alerts"]
    yield ["logs", "all", found.logs, "logs"]
    yield ["days under watch", "all", round(found.patient_days, 1), "patient-days"]
    yield ["alerts per 100 logs", "all", _number(found.per_100_logs), "alerts"]
    yield ["alerts per 100 patient-days", "all", _number(found.per_100_patient_days), "alerts"]
    yield ["judged useful", "all", found.useful, "alerts"]
    yield ["judged", "all", found.judged, "alerts"]
    yield ["closed without a judgement", "all", found.not_judged, "alerts"]
    closed = percent(found.closed_soon, found.old_enough)
    yield ["closed within 48 h", "opened 48 h ago or earlier", _number(closed), "%"]
    yield ["opened again", "all", found.reopened, "alerts"]
    yield ["acknowledgements that ran out", "all", found.expired, "times"]
    yield ["pages per nurse and day", "all", _number(found.pages_per_nurse_and_day), "pages"]
    yield ["most pages of one nurse on one day", "all", found.busiest_day, "pages"]
    for tier in found.tiers:
        yield ["alerts", tier.tier, tier.alerts, "alerts"]
        for name, words in MEASURES:
            spread: Spread = getattr(tier, name)
            yield [f"{words}: median", tier.tier, _number(spread.median), "min"]
            yield [f"{words}: 90 of 100 within", tier.tier, _number(spread.p90), "min"]
            yield [f"{words}: n", tier.tier, spread.count, "alerts"]
            yield [f"{words}: still waiting", tier.tier, spread.still_open, "alerts"]
            yield [f"{words}: closed without", tier.tier, spread.without, "alerts"]
    for step, count in found.steps:
        yield ["people told this many times or, for the last, more", step, count, "urgent alerts"]
    for rule in found.rules:
        yield ["alerts with this rule", rule.rule, rule.alerts, "alerts"]
        yield ["judged not useful", rule.rule, _number(rule.not_useful_percent), "% of judged"]


def _number(value: float | None) -> object:
    return "" if value is None else round(value, 1)
