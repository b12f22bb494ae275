"""A value that can not be read is refused with the name of its field and the reason."""

from datetime import date
from typing import Any

import pytest

from recovery.plan.fields import InvalidInput
from recovery.plan.milestones import evaluate, override_problems
from tests.plan.cast import after, calm, patient

NOW = after(50)
BAD_PATIENTS: list[tuple[dict[str, Any], str]] = [
    ({"procedure_end_at": None}, "patient.procedure_end_at: missing"),
    ({"procedure_end_at": "2026-06-01T10:00:00"}, "patient.procedure_end_at: needs a UTC offset"),
    ({"procedure_end_at": "yesterday"}, "patient.procedure_end_at: must be a date and time"),
    ({"procedure_end_at": 1780000000}, "patient.procedure_end_at: must be a date and time"),
    ({"procedure_end_at": "0001-01-01T00:00:00+14:00"}, "patient.procedure_end_at: year must be from"),
    ({"procedure_end_at": "9999-12-31T23:59:59-12:00"}, "patient.procedure_end_at: year must be from"),
    ({"time_zone": None}, "patient.time_zone: missing"),
    ({"time_zone": "Mars/Olympus"}, "patient.time_zone: unknown time zone"),
    ({"time_zone": "../../etc/passwd"}, "patient.time_zone: unknown time zone"),
    ({"time_zone": "America"}, "patient.time_zone: unknown time zone"),
    ({"time_zone": "x" * 5000}, "patient.time_zone: unknown time zone"),
    ({"time_zone": "\0"}, "patient.time_zone: unknown time zone"),
    ({"time_zone": "\ud800"}, "patient.time_zone: unknown time zone"),
    ({"time_zone": 5}, "patient.time_zone: must be the name of a time zone"),
    ({"job_type": "astronaut"}, "patient.job_type: must be one of none, desk, physical"),
    ({"job_type": ["desk"]}, "patient.job_type: must be one of none, desk, physical"),
    ({"brace_prescribed": "yes"}, "patient.brace_prescribed: must be true or false"),
    ({"brace_until": "2026-02-30"}, "patient.brace_until: no such date"),
    ({"brace_until": "20260230"}, "patient.brace_until: must be a date like"),
    ({"brace_until": after()}, "patient.brace_until: must be a date like"),
    ({"thinner_restart_on": "9999-01-01"}, "patient.thinner_restart_on: year must be from"),
    ({"next_visit_at": "2026-06-20"}, "patient.next_visit_at: needs a UTC offset"),
    ({"clinic_overrides": []}, "patient.clinic_overrides: must be an object"),
]
BAD_OVERRIDES: list[tuple[dict[str, Any], str]] = [
    ({"ice_ok": 1}, "ice_ok: must be true or false"),
    ({"no_drive_until": "soon"}, "no_drive_until: must be a date like 2026-11-21 or 'until_cleared'"),
    ({"heavy_cleared_on": "until_cleared"}, "heavy_cleared_on: must be a date like"),
    ({"quiet_hours": ["21:00"]}, "quiet_hours: must be two times"),
    ({"quiet_hours": ["24:00", "08:00"]}, "quiet_hours: must be two times"),
    ({"quiet_hours": "21:00-08:00"}, "quiet_hours: must be two times"),
    ({"milestone_not_before_hours": 5}, "milestone_not_before_hours: must be an object"),
    ({"milestone_not_before_hours": {"M-DRIVE": 5}}, "milestone_not_before_hours.M-DRIVE: unknown key"),
    ({"milestone_not_before_hours": {"M-PT": "5"}}, "M-PT: must be a number of hours"),
    ({"milestone_not_before_hours": {"M-PT": True}}, "M-PT: must be a number of hours"),
    ({"milestone_not_before_hours": {"M-PT": float("nan")}}, "M-PT: must be at most 1000000 hours"),
    ({"milestone_not_before_hours": {"M-PT": 10**400}}, "M-PT: must be at most 1000000 hours"),
]
BAD_STATES: list[tuple[dict[str, Any], str]] = [
    ({"tier": None}, "state.tier: missing"),
    ({"tier": "red"}, "state.tier: must be one of on_track"),
    ({"open_signs": "numb"}, "state.open_signs: must be a list of words"),
    ({"open_signs": [5]}, "state.open_signs: must be a list of words"),
    ({"open_sign": ["numb"]}, "state.open_sign: unknown key"),
    ({"last_log_at": "2026-06-01T10:00"}, "state.last_log_at: needs a UTC offset"),
    ({"opioid_last_dose_at": False}, "state.opioid_last_dose_at: must be a date and time"),
    ({"pain_site": 11}, "state.pain_site: must be a whole number from 0 to 10"),
    ({"pain_site": True}, "state.pain_site: must be a whole number from 0 to 10"),
    ({"pain_site": 2.5}, "state.pain_site: must be a whole number from 0 to 10"),
    ({"site_swelling": "big"}, "state.site_swelling: must be one of none"),
    ({"held_back": "M-MEDS-HOLD"}, "state.held_back: must be a list of words"),
    ({"strong_pill_answer_at": "now"}, "state.strong_pill_answer_at: must be a date and time"),
    ({"sent": {"M-PT": 1}}, "state.sent: must be a list of words"),
]


def refusal(record: Any, state: Any, now: Any = NOW) -> str:
    with pytest.raises(InvalidInput) as caught:
        evaluate(record, state, now)
    return str(caught.value)


@pytest.mark.parametrize(("change", "reason"), BAD_PATIENTS)
def test_a_bad_patient_field_is_named(change: dict[str, Any], reason: str) -> None:
    assert refusal({**patient(), **change}, calm(NOW)).startswith(reason)


@pytest.mark.parametrize(("change", "reason"), BAD_OVERRIDES)
def test_a_bad_override_is_named_and_stops_nothing(change: dict[str, Any], reason: str) -> None:
    record = patient(overrides=change)
    (problem,) = override_problems(record, NOW)
    assert problem.startswith("patient.clinic_overrides.")
    assert reason in problem
    assert len(evaluate(record, calm(NOW), NOW)) == 18


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({"no_drive_until": "soon"}, {"M-DRIVE-48H"}),
        ({"no_work_until": 7}, {"M-WORK-48H"}),
        ({"milestone_not_before_hours": {"M-WALK-24H": "late"}}, {"M-WALK-24H"}),
        ({"milestone_not_before_hours": 5}, {"M-WALK-24H", "M-DRIVE-48H", "M-WORK-48H"}),
        ({"ice_ok": "no"}, {"M-ICE-72H"}),
    ],
)
def test_an_unreadable_override_that_can_only_hold_back_holds(change: dict[str, Any], held: set[str]) -> None:
    found = evaluate(patient(overrides=change), calm(NOW, pain_site=2), NOW)
    assert {key for key, one in found.items() if one.reasons == ("clinic_override",)} == held
    assert all(found[key].status == "withheld" for key in held)


@pytest.mark.parametrize("key", ["heavy_cleared_on", "strenuous_cleared_on"])
def test_an_unreadable_clearance_clears_nothing(key: str) -> None:
    now = after(days=50)
    assert evaluate(patient(overrides={key: "yes"}), calm(now), now) == evaluate(patient(), calm(now), now)


@pytest.mark.parametrize(("change", "reason"), BAD_STATES)
def test_a_bad_state_field_is_named(change: dict[str, Any], reason: str) -> None:
    assert refusal(patient(), calm(NOW, **change)).startswith(reason)


def test_a_missing_or_naive_now_and_things_that_are_no_objects_are_refused() -> None:
    assert refusal(patient(), calm(NOW), None) == "now: missing"
    assert refusal(patient(), calm(NOW), NOW.replace(tzinfo=None)) == "now: needs a UTC offset"
    assert refusal(None, {}) == "patient: must be an object"
    assert refusal(patient(), []) == "state: must be an object"


def test_moments_and_dates_may_be_text_or_pythons_own() -> None:
    text = patient(pt_ordered=True, pt_start_on="2026-06-15", next_visit_at="2026-06-20T14:00:00Z")
    own = {**text, "procedure_end_at": after(), "pt_start_on": date(2026, 6, 15)}
    assert evaluate(text, calm(NOW), NOW.isoformat()) == evaluate(own, calm(NOW), NOW)


def test_null_reads_as_absent_except_for_the_opioid_answer() -> None:
    state = {"tier": "on_track", "last_log_at": NOW}
    nulls = dict.fromkeys(("open_signs", "pain_site", "site_swelling", "sent"))
    assert evaluate(patient(), {**state, **nulls}, NOW) == evaluate(patient(), state, NOW)
    answered = evaluate(patient(), {**state, "opioid_last_dose_at": None}, NOW)
    assert answered["M-DRIVE-48H"].status == "reached"
    assert evaluate(patient(), state, NOW)["M-DRIVE-48H"].reasons == ("opioid_unknown",)
