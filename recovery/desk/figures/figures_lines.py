"""Every number of the figures page as lines for a file; an empty value means unknown."""

from collections.abc import Iterator
from datetime import datetime

from alerts.monitoring.figures import Spread, percent
from recovery.desk.figures.alert_panels import MEASURES
from recovery.desk.figures.figures_query import ClinicFigures
from recovery.desk.figures.filters import Choice
from recovery.desk.figures.outcomes import FIRST_DAYS, LAST_DAY, LOGGED_DAYS, LOOKED_AT, Outcomes
from recovery.desk.figures.shares import Share
from recovery.outcome_figures import citations

HEAD = ("measure", "of", "value", "unit", "n", "beside")
Line = list[object]


def lines(found: Outcomes, alerts: ClinicFigures, choice: Choice, now: datetime) -> Iterator[Line]:
    """Yield all lines: measure, of what, value, unit, how many were looked at, the documents' figure."""
    yield ["choice", choice.words, "", "", "", ""]
    yield ["made", f"{now:%Y-%m-%d %H:%M} UTC", "", "", "", ""]
    yield from _patients(found)
    yield from _alerts(alerts)
    yield from _times(alerts)
    yield from _weeks_and_rules(alerts)


def _patients(found: Outcomes) -> Iterator[Line]:
    who = f"patients past day {FIRST_DAYS}"
    yield from _share(f"a log on {LOGGED_DAYS} of the first {FIRST_DAYS} days", who, found.adherence)
    yield ["enrolled too late to count", who, len(found.late_enrolled), "patients", "", ""]
    for pain in (found.before, *found.pain):
        of = f"day {pain.day}" if pain.day else "before the procedure"
        for name, value in (("first quarter", pain.low), ("median", pain.middle), ("third quarter", pain.high)):
            yield [f"back pain: {name}", of, _number(value), "0 to 10", len(pain.pains), ""]
        if pain.day:
            yield from _share("back pain greatly reduced", of, pain.reduced)
        yield ["followed past that day", of, len(pain.reached), "patients", "", ""]
    beside = {name: f"{words} ({', '.join(citations()[name])})" for name, words in _BESIDE.items()}
    yield from _share(
        f"lasting pain, day {LAST_DAY}", "those who answered", found.lasting, beside["FIG-LASTING-PAIN"]
    )
    followed = f"those followed past day {LOOKED_AT}"
    yield from _share("new fracture in the record", followed, found.fractures, beside["FIG-NEW-BREAK"])
    yield from _share("cement leak in the record", "procedures", found.leaks, beside["FIG-LEAK"])


_BESIDE = {"FIG-LASTING-PAIN": "7.8% of 809", "FIG-NEW-BREAK": "21.7%", "FIG-LEAK": "2% to 26%"}


def _share(measure: str, of: str, share: Share, beside: str = "") -> Iterator[Line]:
    yield [measure, of, share.count, "patients", share.n, beside]
    low, high = share.likely or ("", "")
    yield [f"{measure}: share", of, _number(share.percent), "%", share.n, beside]
    yield [f"{measure}: likely from", of, low, "%", share.n, ""]
    yield [f"{measure}: likely to", of, high, "%", share.n, ""]


def _alerts(alerts: ClinicFigures) -> Iterator[Line]:
    found = alerts.figures
    yield ["alerts", "all", found.alerts, "alerts", "", ""]
    yield ["logs", "all", found.logs, "logs", "", ""]
    yield ["days under watch", "all", round(found.patient_days, 1), "patient-days", "", ""]
    yield ["alerts per 100 logs", "all", _number(found.per_100_logs), "alerts", found.logs, ""]
    yield ["alerts per 100 patient-days", "all", _number(found.per_100_patient_days), "alerts", "", ""]
    yield ["judged useful", "all", found.useful, "alerts", found.judged, ""]
    yield ["judged", "all", found.judged, "alerts", "", ""]
    yield ["closed without a judgement", "all", found.not_judged, "alerts", "", ""]
    closed = percent(found.closed_soon, found.old_enough)
    yield ["closed within 48 h", "opened 48 h ago or earlier", _number(closed), "%", found.old_enough, ""]
    yield ["opened again", "all", found.reopened, "alerts", "", ""]
    yield ["acknowledgements that ran out", "all", found.expired, "times", "", ""]
    yield ["pages per nurse and day", "all", _number(found.pages_per_nurse_and_day), "pages", found.nurses, ""]
    yield ["most pages of one nurse on one day", "all", found.busiest_day, "pages", "", ""]


def _times(alerts: ClinicFigures) -> Iterator[Line]:
    for tier in alerts.figures.tiers:
        yield ["alerts", tier.tier, tier.alerts, "alerts", "", ""]
        yield from _spread("First message sent", tier.tier, tier.sent)
        for name, words in MEASURES.items():
            yield from _spread(words, tier.tier, getattr(tier, name))
    for shift in alerts.shifts:
        for name, spread in shift.times.items():
            yield from _spread(MEASURES[name], f"{shift.tier}, {shift.shift}", spread)


def _spread(words: str, of: str, spread: Spread) -> Iterator[Line]:
    yield [f"{words}: median", of, _number(spread.median), "min", spread.count, ""]
    yield [f"{words}: 90 of 100 within", of, _number(spread.p90), "min", spread.count, ""]
    yield [f"{words}: still waiting", of, spread.still_open, "alerts", "", ""]
    yield [f"{words}: closed without", of, spread.without, "alerts", "", ""]


def _weeks_and_rules(alerts: ClinicFigures) -> Iterator[Line]:
    for week in alerts.weeks:
        of = f"week of {week.start.isoformat()}"
        yield ["alerts", of, week.alerts, "alerts", week.logs, ""]
        yield ["logs", of, week.logs, "logs", "", ""]
        median = _number(week.contacted.median)
        yield ["urgent, in touch with the patient: median", of, median, "min", week.contacted.count, ""]
    for step, count in alerts.figures.steps:
        yield ["people told this many times or, for the last, more", step, count, "urgent alerts", "", ""]
    for rule in alerts.figures.rules:
        yield ["alerts with this rule", rule.rule, rule.alerts, "alerts", "", ""]
        yield ["judged not useful", rule.rule, _number(rule.not_useful_percent), "% of judged", rule.judged, ""]


def _number(value: float | None) -> object:
    return "" if value is None else round(value, 1)
