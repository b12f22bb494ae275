"""The key of a number in words, as the title of the list that it opens."""

from datetime import date

from alerts.monitoring.figures_by import SHIFTS
from patients.templatetags.kypho import tier_label
from recovery.desk.figures.alert_panels import MEASURES, shift_words
from recovery.desk.figures.outcomes import FIRST_DAYS, LAST_DAY, LOGGED_DAYS, LOOKED_AT, SHOWN_DAYS

PLAIN = {
    "adherence": f"Logged on {LOGGED_DAYS} or more of the first {FIRST_DAYS} days",
    "adherence:of": f"Past day {FIRST_DAYS}, enrolled in time",
    "late": f"Past day {FIRST_DAYS}, but enrolled too late to count",
    "logged:of": f"Past day {SHOWN_DAYS}, enrolled in time",
    "lasting": f"Pain not greatly reduced around day {LAST_DAY}",
    "lasting:of": f"Answered about pain around day {LAST_DAY}",
    "fractures": "A new fracture is in the record",
    "fractures:of": f"Followed past day {LOOKED_AT}",
    "leaks": "A cement leak is in the record",
    "leaks:of": "Procedures in this time",
    "alerts": "Alerts",
    "open": "Alerts that are open",
    "resolved": "Closed alerts",
    "without": "Closed without a contact",
    "without_urgent": "Urgent, closed without a contact",
    "resolved_urgent": "Urgent, closed",
    "judged": "Judged useful or not",
    "useful": "Judged useful",
    "unjudged": "Closed without a judgement",
    "reopened": "Opened again",
    "expired": "Taken, then ran out",
}
STATES = {"done": "", "waiting": ", still waiting", "without": ", closed without"}
WORK = {"taken": "taken", "contacted": "contacted", "not_reached": "not reached", "closed": "closed"}
JUDGED = {
    "all": "Alerts with the rule",
    "judged": "Judged, with the rule",
    "not_useful": "Not useful, by the rule",
}


def key_words(key: str) -> str:
    """Return a key that behind.py knows in words."""
    if key in PLAIN:
        return PLAIN[key]
    kind, *more = key.split(":")
    if kind == "pain":
        return _pain(more)
    if kind == "logged":
        return f"Logged on day {more[0]}"
    if kind == "week":
        start = date.fromisoformat(more[0])
        return f"Alerts of the week of {start:%b} {start.day}{_tiers(more[1:])}"
    if kind == "work":
        return f"Alerts {WORK[more[1]]} by one person"
    if kind == "rule":
        return f"{JUDGED[more[1]]} {more[0]}"
    if kind == "step":
        return "Urgent alerts by how often people were told"
    if kind in MEASURES:
        shift = f", {shift_words(more[2])}" if len(more) > 2 and more[2] in SHIFTS else ""
        return f"{MEASURES[kind]}{STATES[more[1]]}{_tiers(more[:1])}{shift}"
    return f"{PLAIN.get(kind, 'Alerts')}{_tiers(more)}"


def _tiers(more: list[str]) -> str:
    return "".join(f", {tier_label(tier)}" for tier in more)


def _pain(more: list[str]) -> str:
    when = f"around day {more[0]}" if more[0] != "0" else "before the procedure"
    kinds = {"reached": "Followed past", "reduced": "Pain greatly reduced"}
    return f"{kinds.get(more[1], 'Pain known') if len(more) > 1 else 'Pain known'} {when}"
