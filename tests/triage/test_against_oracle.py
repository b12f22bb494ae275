"""The rule book against the oracle: two readings of the same rules must give the same verdict."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from recovery.triage.evaluate import judge
from tests.depth import examples, some
from tests.triage import known_words, oracle
from tests.triage.answers import BASELINE_SYMPTOMS, CALM_LOG, EDGE_HOURS, FIELDS, PAIN, PATIENT
from tests.triage.cases import CASES, NOTICES, PRIORITIES, situation
from tests.triage.cases_latch import LATCH_CASES
from tests.triage.strategies import (
    Situation,
    many_situations,
    paired_answers,
    single_answers,
    situations,
)

WATCHED: dict[str, Any] = {
    **PATIENT,
    "baseline_pain": 3,
    "baseline_symptoms": BASELINE_SYMPTOMS,
    "blood_thinner_held": True,
    "thinner_restart_on": "2026-03-09",
    "otc_pain_ok": None,
    "brace_prescribed": True,
    "levels": ["T12"],
    "clinic_overrides": {"site_swelling_grace_hours": 72, "heavy_cleared_on": "2026-03-10"},
}
# (patient, hours, history): the scenes in which every answer is tried.
SCENES: list[tuple[dict[str, Any], float, list[dict[str, Any]]]] = [
    (PATIENT, 30.0, []),
    (WATCHED, 60.0, [{"hours": 40.0, "log": {"pain_move": 2, "pain_site": 0, "mood": "low"}}]),
    ({}, 600.0, [{"hours": 590.0, "log": {"pain_rest": 4}}, {"hours": 580.0, "log": {"pain_site": 4}}]),
]

often = settings(
    max_examples=examples(600),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def engine(case: Situation) -> dict[str, Any]:
    """The verdict of the rule book, in the oracle's words."""
    verdict = judge(*case)
    return {
        "tier": verdict.tier,
        "fired": [rule.id for rule in verdict.fired],
        "notices": [notice.id for notice in verdict.notices],
        "nurse_priority": verdict.nurse_priority,
    }


def disagreements(cases: Iterable[Situation]) -> list[tuple[Situation, dict[str, Any], dict[str, Any]]]:
    """The first five cases on which the two differ: (case, rule book, oracle)."""
    found = []
    for case in some(cases):
        ours, theirs = engine(case), oracle.judge(*case)
        if ours != theirs:
            found.append((case, ours, theirs))
            if len(found) == 5:
                break
    return found


def test_it_agrees_on_every_hand_written_case() -> None:
    rows = [case for _, hit, miss in [*CASES, *LATCH_CASES, *NOTICES] for case in (hit, miss)]
    assert disagreements(situation(case) for case in rows + [case for _, case in PRIORITIES]) == []


def staged(logs: list[dict[str, Any]], hours: float | None = None) -> Iterator[Situation]:
    """The logs, the scenes taking turns: each field meets all of them at some of its values."""
    for i, log in enumerate(logs):
        patient, usual_hours, history = SCENES[i % len(SCENES)]
        yield patient, usual_hours if hours is None else hours, log, history


@pytest.mark.parametrize("base", [CALM_LOG, {}], ids=["calm", "absent"])
def test_it_agrees_on_every_value_of_every_field_at_every_hour_of_the_rules(base: dict[str, Any]) -> None:
    singles = single_answers(base)
    for hours in EDGE_HOURS:
        # Another start each hour, so that every value meets every scene.
        singles = singles[1:] + singles[:1]
        assert disagreements(staged(singles, hours)) == []


@pytest.mark.parametrize("base", [CALM_LOG, {}], ids=["calm", "absent"])
def test_it_agrees_on_every_pair_of_answers(base: dict[str, Any]) -> None:
    assert disagreements(staged(paired_answers(base))) == []


def test_it_agrees_on_every_sentence_read_by_hand_whoever_wrote_it_and_whatever_was_asked() -> None:
    ways = product(
        ("notes", "question_for_team"), ("self", "caregiver"), FIELDS["notes_confirm"], FIELDS["notes_asked"]
    )
    logs = [
        {field: text, "logged_by": who, "notes_confirm": confirm, "notes_asked": asked}
        for field, who, confirm, asked in ways
        for text in known_words.STANDS
        # To a helper nobody is somebody else.
        if who == "self" or "neighbor" not in text
    ]
    assert disagreements(situation(log) for log in logs) == []


def slow_gains() -> Iterator[Situation]:
    """Every baseline, pain, last pain beside it, answer to the early alert and lasting-pain flag."""
    acks = ["none", "seen", "contacted", "evaluated"]
    for base, pain, step, ack, flag in product(PAIN, range(11), [None, -1, 0, 1], acks, [True, False]):
        history = [] if step is None else [{"hours": 90.0, "log": {"pain_move": pain + step}}]
        early = {"sign": "early_pain", "tier": "watch", "status": "open", "opened_hours": 50.0}
        alerts = [{**early, "ack": ack, "ack_hours": 51.0, "snapshot": {}}]
        patient = {**PATIENT, "baseline_pain": base, "alerts": alerts, "facet_injury": flag}
        yield patient, 100.0, {**CALM_LOG, "pain_move": pain}, history


def test_it_agrees_on_every_slow_gain() -> None:
    assert disagreements(slow_gains()) == []


def test_it_agrees_on_the_first_hour_of_every_silence() -> None:
    gaps = [gap + d for gap in (24, 48, 72, 192, 840) for d in (-0.01, 0, 0.01)]
    pairs = product(EDGE_HOURS, gaps)
    cases = ((PATIENT, hours, None, [{"hours": hours - gap, "log": {}}]) for hours, gap in pairs)
    assert disagreements(cases) == []


def test_it_agrees_on_thousands_of_patients_with_histories_alerts_and_overrides() -> None:
    assert disagreements(many_situations(seed=1, count=15_000)) == []


def test_it_agrees_on_silence() -> None:
    assert disagreements(many_situations(seed=2, count=3_000, silent=True)) == []


@often
@given(situations())
def test_it_agrees_wherever_hypothesis_looks(case: Situation) -> None:
    assert engine(case) == oracle.judge(*case)
