"""Check the shape of input. Unknown keys are refused by name, so that nothing is ignored silently.

Each function returns a list of (field, reason); an empty list means valid. The shape is data:
rulebook/questions.json for a log, rulebook/patient.json for the patient record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from recovery.triage.config import fixed, settings
from recovery.triage.facts import log_fields
from recovery.triage.field_types import is_finite_number, reason_against
from recovery.triage.rulebook import load_rulebook
from recovery.triage.rulebook.files import read_content

Problem = tuple[str, str]
Fields = Mapping[str, Mapping[str, Any]]

CASE_KEYS = ("id", "patient", "recovery_hours", "history", "log", "config")
_MAY_BE_LEFT_OUT = ("history", "config")
_NAME_LENGTH = 60


def validate_log(log: Any) -> list[Problem]:
    """Return the problems of one log; answers may be missing, because the rule book has their defaults."""
    return list(_object(log, _log_fields(), ""))


def validate_patient(patient: Any) -> list[Problem]:
    """Return the problems of a patient record with its alerts; missing fields have defaults.

    readable.py checks the overrides.
    """
    return list(_object(patient, _patient_fields(), ""))


def validate_case(case: Any) -> list[Problem]:
    """Return the problems of one line: {"id", "patient", "recovery_hours", "history", "log", "config"}.

    history and config may be left out.
    """
    if not isinstance(case, dict):
        return [("line", "must be an object")]
    problems: list[Problem] = [(_short(key), "is not a known field") for key in case if key not in CASE_KEYS]
    problems += [(key, "is missing") for key in CASE_KEYS if key not in case and key not in _MAY_BE_LEFT_OUT]
    if "id" in case and not _is_id(case["id"]):
        problems.append(("id", "must be a text or a whole number"))
    if "recovery_hours" in case and not is_finite_number(case["recovery_hours"]):
        problems.append(("recovery_hours", "must be a finite number"))
    problems += _under("patient", validate_patient(case.get("patient", {})))
    problems += _under("config", _unknown_settings(case.get("config", {})))
    problems += _history(case.get("history", []))
    if case.get("log") is not None:
        problems += _under("log", validate_log(case["log"]))
    return problems


def _unknown_settings(config: Any) -> list[Problem]:
    """Refuse unknown settings in a line; a value outside its bounds counts as the default (readable.py)."""
    if not isinstance(config, dict):
        return [("", "must be an object")]
    return [(_short(key), "is not a setting") for key in config if key not in settings() and key not in fixed()]


def _is_id(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _history(history: Any) -> Iterator[Problem]:
    if not isinstance(history, list):
        yield "history", "must be a list"
        return
    for number, entry in enumerate(history):
        place = f"history[{number}]"
        if not isinstance(entry, dict) or set(entry) != {"hours", "log"}:
            yield place, "must be an object with hours and log"
            continue
        if not is_finite_number(entry["hours"]):
            yield f"{place}.hours", "must be a finite number"
        yield from _under(f"{place}.log", validate_log(entry["log"]))


def _object(value: Any, fields: Fields, place: str) -> Iterator[Problem]:
    """Check each key of an object against its field; `place` is the path of the object, "" at the top level."""
    if not isinstance(value, dict):
        yield place, "must be an object"
        return
    for key, member in value.items():
        name = f"{place}.{_short(key)}" if place else _short(key)
        if key not in fields:
            yield name, "is not a known field"
        else:
            yield from _member(member, fields[key], name)
    for key, field in fields.items():
        if field.get("required") and key not in value:
            yield (f"{place}.{key}" if place else key), "is missing"


def _member(value: Any, field: Mapping[str, Any], name: str) -> Iterator[Problem]:
    kind = field["type"]
    if value is None and field.get("nullable"):
        return
    if kind == "overrides":
        return  # readable.py checks overrides and names the unreadable ones in the verdict.
    if kind == "snapshot":
        yield from _object(value, _record_fields(kind), name)
    elif kind == "alerts":
        yield from _alerts(value, name)
    elif kind == "sign":
        if not isinstance(value, str) or value not in load_rulebook().signs:
            yield name, "is not a known sign"
    elif reason := reason_against(value, field):
        yield name, reason


def _alerts(value: Any, name: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield name, "must be a list"
        return
    for number, alert in enumerate(value):
        yield from _object(alert, _record_fields("alert"), f"{name}[{number}]")


@cache
def _log_fields() -> Fields:
    """Return the questions as fields: any answer except a set may be null; rules judge any temperature (DF-04)."""
    fields = {}
    for question in log_fields(read_content()):
        field = {**question, "nullable": question["type"] != "set", "required": False}
        if question["code"] == "temp_value":
            del field["range"]
        fields[question["code"]] = field
    return fields


@cache
def _record_fields(part: str) -> Fields:
    return {field["name"]: field for field in read_content()["record"][part]}


@cache
def _patient_fields() -> Fields:
    """Return the fields of the record; null means "not recorded", the same as a missing field."""
    return {name: {**field, "nullable": True} for name, field in _record_fields("fields").items()}


def _under(place: str, problems: list[Problem]) -> Iterator[Problem]:
    for name, reason in problems:
        yield (f"{place}.{name}" if name else place), reason


def _short(key: str) -> str:
    return key if len(key) <= _NAME_LENGTH else key[:_NAME_LENGTH] + "..."
