"""Safety is monotone: more said is never less urgent, and nothing quiets an emergency."""

import copy
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from patients.tiers import TIERS
from recovery.triage.evaluate import judge
from recovery.triage.validation import validate_case
from tests.depth import examples
from tests.triage.answers import NOTES
from tests.triage.strategies import Situation, situations

# What one more complaint looks like: a calm answer becomes this one.
SYMPTOMS: dict[str, list[str]] = {
    "em_feels_emergency": ["yes"],
    "em_passed_out": ["almost", "yes"],
    "em_breath": ["some", "severe"],
    "em_chest_pain": ["yes"],
    "em_cough_blood": ["yes"],
    "em_leg_move": ["one_cannot", "both_cannot"],
    "em_hard_to_wake": ["yes"],
    "em_face_throat_swelling": ["yes"],
    "numb": ["yes"],
    "weak": ["yes"],
    "spread_pain": ["yes"],
    "bladder": ["leak", "cannot_pee"],
    "bowel": ["leak"],
    "site_swelling": ["small_not_growing", "new_or_growing"],
    "site_warmth": ["warm"],
    "site_redness": ["small_not_spreading", "new_or_spreading"],
    "site_streaks": ["yes"],
    "site_drainage": ["clear_or_pink", "pus"],
    "site_bleeding": ["spot", "soaking"],
    "site_bruise": ["growing"],
    "fever_feel": ["yes"],
    "site_pain_change": ["more"],
    "back_stiff": ["new_or_worse"],
    "fall": ["fell_ok", "fell_hurt"],
    "fall_head_hit": ["yes"],
    "stomach": ["cannot_keep_down"],
    "rash": ["yes"],
}
# Answers that only ever calm: without them the urgent reading holds.
CHANGES = [
    "numb_change",
    "weak_change",
    "spread_pain_change",
    "bladder_change",
    "bowel_change",
    "em_leg_move_change",
]
CALMING = ["em_gate", "nerve_gate", "site_gate", *CHANGES, "notes_confirm"]

Examples = TypeVar("Examples", bound=Callable[..., None])


def often(test: Examples) -> Examples:
    quiet = list(HealthCheck)
    return settings(max_examples=examples(400), deadline=None, database=None, suppress_health_check=quiet)(test)


def rank(case: Situation) -> int:
    return TIERS.index(judge(*case).tier)


def with_log(case: Situation, log: dict[str, Any]) -> Situation:
    return case[0], case[1], log, case[3]


@often
@given(situations(), st.sampled_from(sorted(SYMPTOMS)), st.data())
def test_adding_a_symptom_never_lowers_the_tier(case: Situation, field: str, data: st.DataObject) -> None:
    log = dict(case[2] or {})
    assume(log.get(field) in (None, "no", "none", "both_move", "fine"))
    # "Some, but I did not say which" is the most urgent answer of a list; naming the item replaces it.
    log |= dict.fromkeys(("em_gate", "nerve_gate", "site_gate"), "none")
    more = {**log, field: data.draw(st.sampled_from(SYMPTOMS[field]))}
    assert rank(with_log(case, more)) >= rank(with_log(case, log))


@often
@given(situations(), st.sampled_from(CALMING))
@pytest.mark.slow
def test_dropping_a_calm_or_calming_answer_never_lowers_the_tier(case: Situation, field: str) -> None:
    log = dict(case[2] or {})
    assume(log.get(field) in ("none", "same_as_before", "better", "not_now"))
    assert rank(with_log(case, {k: v for k, v in log.items() if k != field})) >= rank(with_log(case, log))


@often
@given(situations(), st.sampled_from(("em_gate", "nerve_gate", "site_gate", "fever_feel", "back_change")))
def test_a_log_without_a_safety_answer_is_never_on_track(case: Situation, field: str) -> None:
    assert rank(with_log(case, {k: v for k, v in (case[2] or {}).items() if k != field})) >= 1


@often
@given(situations(), st.one_of(st.sampled_from(NOTES), st.text(max_size=200)))
def test_adding_free_text_never_lowers_the_tier(case: Situation, note: str) -> None:
    log = {k: v for k, v in (case[2] or {}).items() if k != "notes"}
    assert rank(with_log(case, {**log, "notes": note})) >= rank(with_log(case, log))


@often
@given(situations(), situations())
def test_no_acknowledgement_and_no_override_lowers_an_emergency(case: Situation, other: Situation) -> None:
    patient, hours, log, history = case
    alone = {**patient, "alerts": [], "clinic_overrides": {}}
    emergencies = [rule.id for rule in judge(alone, hours, log, history).fired if rule.tier == "call_911"]
    quieted = {**patient, "alerts": other[0]["alerts"], "clinic_overrides": other[0]["clinic_overrides"]}
    verdict = judge(quieted, hours, log, history)
    assert [rule.id for rule in verdict.fired if rule.id.startswith("R911")] == emergencies
    assert not emergencies or verdict.tier == "call_911"


@often
@given(situations(silent=True), st.floats(0, 5000))
def test_longer_silence_never_lowers_the_tier_of_an_unanswered_alert(case: Situation, more: float) -> None:
    patient, hours, _, history = case
    urgent = [a["tier"] for a in patient["alerts"] if a["status"] == "open" and a["ack"] in ("none", "seen")]
    expected = max(map(TIERS.index, urgent), default=0)
    assert rank((patient, hours + more, None, history)) >= (expected if expected >= 2 else 0)


@often
@given(situations())
def test_judging_is_pure(case: Situation) -> None:
    before = copy.deepcopy(case)
    assert judge(*case) == judge(*copy.deepcopy(case))
    assert case == before


@often
@given(
    situations(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
)
def test_it_never_fails_on_valid_input(case: Situation, hours: float, temperature: float, ended: Any) -> None:
    patient, _, log, history = case
    patient = {**patient, "procedure_end_at": ended.isoformat() + "+14:00", "clinic_overrides": {}}
    entries = [*history, {"hours": hours, "log": {"temp_value": temperature}}]
    log = {**(log or {}), "temp_value": temperature}
    line = {"id": 1, "patient": patient, "recovery_hours": hours, "history": entries, "log": log}
    assert validate_case(line) == []
    verdict = judge(patient, hours, log, entries)
    assert verdict.messages
    assert (verdict.nurse_priority is None) == (verdict.tier == "on_track")
