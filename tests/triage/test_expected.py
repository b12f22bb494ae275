"""What the rule book expects of back pain is where its own rules begin to fire."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recovery.triage.evaluate import judge
from recovery.triage.expected import expected
from tests.recovery.conftest import CALM

LATE_PAIN = "RW-02"
WEEKS = 400.0


def fires(patient: dict[str, Any], pain: int, config: dict[str, Any]) -> bool:
    log = {**CALM, "pain_move": pain, "pain_rest": 0}
    verdict = judge(patient, WEEKS, log, [], config=config)
    return LATE_PAIN in {one.id for one in verdict.fired}


@given(st.none() | st.integers(0, 10), st.sampled_from([None, 0.3, 0.5, 0.7]), st.sampled_from([None, 1, 2, 5]))
def test_pain_above_what_is_expected_is_what_the_rule_finds(
    baseline: int | None, part: float | None, low: int | None
) -> None:
    config = {"pain_reduction_frac": part, "pain_low_max": low}
    changed = {key: value for key, value in config.items() if value is not None}
    patient = {"baseline_pain": baseline}
    most = expected(patient, config=changed).pain_most
    assert [fires(patient, pain, changed) for pain in range(11)] == [pain > most for pain in range(11)]


def test_without_settings_it_is_half_of_before_or_three_from_48_hours() -> None:
    found = expected({"baseline_pain": 8})
    assert (found.pain_most, found.pain_from_hours, found.fever_f) == (4, 48.0, 100.4)
    assert expected({}).pain_most == 3


def test_a_lower_fever_line_of_a_patient_counts() -> None:
    own = {"clinic_overrides": {"fever_threshold_f": 100.0}}
    assert expected(own).fever_f == 100.0
