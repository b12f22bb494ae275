"""Build the facts of one judgement: one flat table from answers, past logs, open alerts and the patient record.

This file makes the raw facts. Facts that the condition language can express (pain, the temperature's unit, who
counts as cleared) are in rulebook/derived.toml, so that the phone computes them from the same text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recovery.triage.free_text import written_facts
from recovery.triage.numbers import Config, number_facts, with_config
from recovery.triage.past import alert_by_sign, open_alerts, past_facts
from recovery.triage.shapes import Blank, Rulebook

# What a clinic may set for one patient; triage/config.py has what it may set for all patients.
FEVER_LINES = ("fever_threshold_f", "fever_threshold_c")
GRACE = "site_swelling_grace_hours"
MAX_GRACE_HOURS = 72
APAP = "apap_max_mg"
FACT_TYPES = frozenset({"bool", "number", "integer", "enum", "set", "date"})
# Types of log fields that no rule may use.
UNREAD_TYPES = frozenset({"seconds_by_step", "concepts"})
OVERRIDE_DATES = ("heavy_cleared_on", "strenuous_cleared_on")


def build_facts(
    patient: Mapping[str, Any],
    hours: float,
    log: Mapping[str, Any] | None,
    history: Iterable[Mapping[str, Any]],
    rulebook: Rulebook,
    config: Config | None = None,
) -> dict[str, Any]:
    """Return all raw facts for one judgement as plain values, so that they can be stored as JSON and replayed.

    `hours` counts from the end of the procedure (negative before it). `log` None means silence. `history` holds
    {"hours", "log"} in any order; only entries before `hours` are used. `config` holds the settings the clinic
    changed. All input must have passed validation.py.
    """
    content, blank = with_config(rulebook.content, config), rulebook.blank
    alerts = open_alerts(patient.get("alerts") or ())
    facts = {
        "log_given": log is not None,
        "hours": hours,
        **number_facts(content),
        **blank.patient,
        **blank.answers,
    }
    _fill(facts, patient, blank.patient, blank.sets)
    if facts["apap_max_mg"] is None:
        facts["apap_max_mg"] = content["numbers"]["apap_max_mg"]
    facts |= _override_facts(patient.get("clinic_overrides") or {}, content["numbers"])
    _fill(facts, log or {}, blank.answers, blank.sets)
    facts |= written_facts(log or {}, content["free_text"], (facts[FEVER_LINES[0]], facts[FEVER_LINES[1]]))
    facts |= past_facts(history, hours)
    facts["silence_limit_hours"] = silence_limit_hours(hours, content["missed_log"])
    facts["local_date"] = local_date(patient, hours)
    facts["open_alerts"] = alerts
    facts["alert_by_sign"] = alert_by_sign(alerts)
    facts["open_signs"] = tuple(sorted({alert["sign"] for alert in alerts}))
    return facts


def blank_facts(content: Mapping[str, Any]) -> Blank:
    """Return the documented default, which may be null, of every question and every fact of the patient record."""
    questions = read_fields(content)
    recorded = [field for field in content["patient"] if field["type"] in FACT_TYPES]
    patient = {field["name"]: _frozen(field["default"]) for field in recorded}
    answers = {field["code"]: _frozen(field.get("default")) for field in questions}
    sets = {name for name, value in {**patient, **answers}.items() if isinstance(value, tuple)}
    return Blank(patient, answers, frozenset(sets))


def log_fields(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every field a log may hold: the questions, then the fields that are sent but never asked."""
    return [*(field for group in content["groups"] for field in group["fields"]), *content["beside"]]


def read_fields(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the log fields that a rule may use."""
    return [field for field in log_fields(content) if field["type"] not in UNREAD_TYPES]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _fill(facts: dict[str, Any], given: Mapping[str, Any], names: Collection[str], sets: Collection[str]) -> None:
    """Replace defaults by given values; a null or an unknown name changes nothing."""
    for name, value in given.items():
        if value is not None and name in names:
            facts[name] = tuple(value) if name in sets else value


def _override_facts(overrides: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, Any]:
    return {**{key: overrides.get(key) for key in OVERRIDE_DATES}, **own_numbers(overrides, numbers)}


def own_numbers(overrides: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers set for one patient, by fact name.

    For the fever limits the lower of the clinic's and the patient's counts. The patient's swelling grace and
    acetaminophen limit replace the clinic's.
    """
    own = {key: min(numbers[key], overrides[key]) for key in FEVER_LINES if overrides.get(key) is not None}
    if overrides.get(GRACE) is not None:
        own[GRACE] = min(overrides[GRACE], MAX_GRACE_HOURS)
    if overrides.get(APAP) is not None:
        own[APAP] = overrides[APAP]
    return own


def silence_limit_hours(hours: float, phases: Sequence[Mapping[str, Any]]) -> float:
    """Return how many hours without a log are too many at this hour (DF-24); each phase ends before until_h."""
    for phase in phases:
        if phase.get("until_h") is None or hours < phase["until_h"]:
            return float(phase["gap_h"])
    return float(phases[-1]["gap_h"])


def local_date(patient: Mapping[str, Any], hours: float) -> str | None:
    """Return the patient's calendar date (ISO) at this hour; None when the end of the procedure is unknown."""
    ended = patient.get("procedure_end_at")
    if ended is None:
        return None
    try:
        moment = datetime.fromisoformat(ended) + timedelta(hours=hours)
        return moment.astimezone(ZoneInfo(patient.get("time_zone") or "UTC")).date().isoformat()
    except OverflowError:  # outside the years that datetime can hold
        return (date.max if hours > 0 else date.min).isoformat()
