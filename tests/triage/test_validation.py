"""Strict about shape: each refusal names the field and the reason."""

from typing import Any

import jsonschema
import pytest

from recovery.triage.rulebook import questions
from recovery.triage.validation import validate_case, validate_log, validate_patient

CASE: dict[str, Any] = {"id": "a", "patient": {}, "recovery_hours": 1, "history": [], "log": {}}
ALERT: dict[str, Any] = {
    "sign": "fever",
    "tier": "call_doctor_now",
    "opened_hours": 3,
    "status": "open",
    "ack": "none",
}


def a_full_log() -> dict[str, Any]:
    """A log with every question answered by its first choice."""
    sample: dict[str, Any] = {"number": 37.5, "integer": 1, "text": "x"}
    return {
        field["code"]: (
            [field["values"][0]["code"]]
            if field["type"] == "set"
            else field["values"][0]["code"]
            if field["type"] == "enum"
            else sample[field["type"]]
        )
        for group in questions()
        for field in group["fields"]
    }


def test_a_full_log_and_an_empty_one_are_valid() -> None:
    assert validate_log(a_full_log()) == []
    assert validate_log({}) == []
    assert len(a_full_log()) == 67


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("em_gate", "maybe", "must be one of: none, some"),
        ("em_gate", True, "must be one of: none, some"),
        ("em_gate", ["none"], "must be one of: none, some"),
        ("pain_move", True, "must be a whole number"),
        ("pain_move", 11, "must be from 0 to 10"),
        ("pain_move", -1, "must be from 0 to 10"),
        ("pain_move", 3.5, "must be a whole number"),
        ("pain_move", "3", "must be a whole number"),
        ("opioid_hours_since", 168.1, "must be from 0 to 168"),
        ("temp_value", float("inf"), "must be a finite number"),
        ("temp_value", float("nan"), "must be a finite number"),
        ("temp_value", 10**400, "must be a finite number"),
        ("temp_value", False, "must be a finite number"),
        ("numb_where", None, "must be a list"),
        ("numb_where", "legs", "must be a list"),
        ("numb_where", ["legs", "legs"], "holds a value twice"),
        ("numb_where", [["legs"]], "must hold only: legs, belly, buttocks, treated_area, other"),
        ("notes", "x" * 1001, "is longer than 1000 characters"),
        ("notes", 5, "must be a text"),
        ("pain", 3, "is not a known field"),
    ],
)
def test_it_names_the_field_and_the_reason(field: str, value: Any, reason: str) -> None:
    assert validate_log({field: value}) == [(field, reason)]


@pytest.mark.parametrize(
    "log",
    [{"temp_value": -40}, {"temp_value": 1000.5}, {"pain_move": 5.0}, {"pain_move": None}, {"notes": "x" * 1000}],
)
def test_what_the_form_allows_is_allowed(log: dict) -> None:
    assert validate_log(log) == []


@pytest.mark.parametrize(
    ("patient", "problem"),
    [
        ({"procedure_end_at": "2026-03-07T23:30:00"}, "procedure_end_at"),
        ({"procedure_end_at": 5}, "procedure_end_at"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_zone": "America"}, "time_zone"),
        ({"levels": ["L6"]}, "levels"),
        ({"cement_leakage": 1}, "cement_leakage"),
        ({"baseline_pain": 10.5}, "baseline_pain"),
        ({"baseline_symptoms": ["itch"]}, "baseline_symptoms"),
        ({"thinner_restart_on": "20260307"}, "thinner_restart_on"),
        ({"thinner_restart_on": "2026-02-30"}, "thinner_restart_on"),
        ({"apap_max_mg": -1}, "apap_max_mg"),
        ({"nickname": "Al"}, "nickname"),
        ({"alerts": {}}, "alerts"),
        ({"alerts": [{**ALERT, "sign": "fevr"}]}, "alerts[0].sign"),
        ({"alerts": [ALERT, {**ALERT, "ack": "yes"}]}, "alerts[1].ack"),
        ({"alerts": [{**ALERT, "opened_hours": "3"}]}, "alerts[0].opened_hours"),
        ({"alerts": [{k: v for k, v in ALERT.items() if k != "tier"}]}, "alerts[0].tier"),
        ({"alerts": [{**ALERT, "snapshot": {"mood": 1}}]}, "alerts[0].snapshot.mood"),
        ({"alerts": [{**ALERT, "snapshot": {"regions": ["arm"]}}]}, "alerts[0].snapshot.regions"),
        ({"alerts": ["fever"]}, "alerts[0]"),
        ([], ""),
    ],
)
def test_it_refuses_a_patient_record_by_the_path_of_the_field(patient: Any, problem: str) -> None:
    assert [field for field, _ in validate_patient(patient)] == [problem]


def test_null_in_the_record_is_not_recorded() -> None:
    names = ["time_zone", "levels", "cement_leakage", "alerts", "clinic_overrides", "procedure_end_at"]
    assert validate_patient(dict.fromkeys(names)) == []
    assert validate_patient({"alerts": [{**ALERT, "ack": None, "ack_hours": None, "snapshot": None}]}) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": None}, "id"),
        ({"id": True}, "id"),
        ({"recovery_hours": "5"}, "recovery_hours"),
        ({"recovery_hours": True}, "recovery_hours"),
        ({"recovery_hours": float("inf")}, "recovery_hours"),
        ({"history": {}}, "history"),
        ({"history": [{"hours": 1}]}, "history[0]"),
        ({"history": [{"hours": 1, "log": {}, "x": 1}]}, "history[0]"),
        ({"history": [{"hours": None, "log": {}}]}, "history[0].hours"),
        ({"history": [{"hours": 1, "log": None}]}, "history[0].log"),
        ({"history": [{"hours": 1, "log": {"rash": 1}}]}, "history[0].log.rash"),
        ({"log": []}, "log"),
        ({"log": {"rash": 1}}, "log.rash"),
        ({"patient": None}, "patient"),
        ({"when": 1}, "when"),
    ],
)
def test_it_refuses_a_line_by_the_path_of_the_field(change: dict, problem: str) -> None:
    assert [field for field, _ in validate_case({**CASE, **change})] == [problem]


@pytest.mark.parametrize("key", ["id", "patient", "recovery_hours", "log"])
def test_a_line_must_say_everything_but_the_history(key: str) -> None:
    assert validate_case({k: v for k, v in CASE.items() if k != key}) == [(key, "is missing")]
    assert validate_case({k: v for k, v in CASE.items() if k != "history"}) == []


def test_a_silence_is_a_valid_line() -> None:
    assert validate_case({**CASE, "log": None}) == []


def test_a_very_long_key_is_cut_in_the_answer() -> None:
    ((field, _),) = validate_log({"k" * 5000: 1})
    assert len(field) < 80


def test_it_agrees_with_the_json_schema_of_the_questions() -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {field["code"]: _schema(field) for group in questions() for field in group["fields"]},
    }
    codes = [field["code"] for group in questions() for field in group["fields"]]
    tries: list[Any] = [
        None,
        True,
        "none",
        "yes",
        "legs",
        [],
        ["legs"],
        ["legs", "legs"],
        {},
        -1,
        0,
        1.0,
        1.5,
        11,
        1e6,
    ]
    for code in codes:
        for value in tries:
            accepted = not list(jsonschema.Draft202012Validator(schema).iter_errors({code: value}))
            assert (validate_log({code: value}) == []) == accepted, (code, value)


def _schema(field: Any) -> dict[str, Any]:
    codes = [value["code"] for value in field.get("values", ())]
    if field["type"] == "enum":
        return {"enum": [*codes, None]}
    if field["type"] == "set":
        return {"type": "array", "uniqueItems": True, "items": {"enum": codes}}
    if field["type"] == "text":
        return {"type": ["string", "null"], "maxLength": field["maxlen"]}
    low, high = field["range"] if field["code"] != "temp_value" else (-1e9, 1e9)
    return {"type": [field["type"], "null"], "minimum": low, "maximum": high}
