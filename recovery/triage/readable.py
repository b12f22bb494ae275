"""Keep the stored overrides and settings that can be read; leave out and name the others.

A stored value may be older than its bounds, or come from an import. It must never stop a verdict: an unreadable
override is ignored, a setting outside its bounds counts as the default, and the verdict's problems name both. The
plan itself reads the overrides that can only hold a step back, and holds it: recovery/plan/situation.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.triage.config import validate_config
from recovery.triage.field_types import reason_against
from recovery.triage.rulebook.files import read_content

Problem = tuple[str, str]

OVERRIDES, CONFIG = "clinic_overrides", "config"
_NAME_LENGTH = 60


def readable_patient(patient: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return the record with its readable overrides, and the problems of the others as (field, reason)."""
    given = patient.get(OVERRIDES)
    if not given:
        return patient, [] if given is None or given == {} else [(OVERRIDES, "must be an object")]
    if not isinstance(given, Mapping):
        return {**patient, OVERRIDES: {}}, [(OVERRIDES, "must be an object")]
    fields = {field["name"]: field for field in read_content()["record"]["overrides"]}
    reasons = {
        key: reason_against(value, fields[key]) if key in fields else "is not a known field"
        for key, value in given.items()
    }
    problems = [(f"{OVERRIDES}.{_short(key)}", reason) for key, reason in reasons.items() if reason]
    if not problems:
        return patient, []
    return {**patient, OVERRIDES: {key: value for key, value in given.items() if not reasons[key]}}, problems


def readable_config(config: Any) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return the settings within their bounds, and the problems of the others, whose defaults count."""
    if not config:
        return {}, [] if config is None or config == {} else [(CONFIG, "must be an object")]
    problems = validate_config(config)
    if not problems:
        return config, []
    wrong = {key for key, _ in problems}
    kept = {key: value for key, value in config.items() if _short(key) not in wrong} if wrong != {""} else {}
    return kept, [(f"{CONFIG}.{key}" if key else CONFIG, reason) for key, reason in problems]


def in_words(problems: list[Problem]) -> tuple[str, ...]:
    """Return each problem as one line."""
    return tuple(f"{place}: {reason}" for place, reason in problems)


def _short(key: Any) -> str:
    return str(key)[:_NAME_LENGTH]
