"""Safety is monotone, enumerated: every symptom, every answer dropped, every note, at every hour of the rules.

Each claim is looked at in both engines: the verdicts of the phone are compared on the very same cases.
Two exceptions are the clinical rules as they are written; they are named here and held exactly as they are.
"""

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import pytest

from patients.tiers import TIERS
from recovery.management.phone_engine import Phone
from recovery.triage.evaluate import judge
from recovery.triage.rulebook import load_rulebook
from tests.triage.answers import CALM_LOG, FEW, FIELDS, NOTES, PATIENT
from tests.triage.counter import Counter
from tests.triage.phone import Answer, Case, as_answer
from tests.triage.strategies import any_config, many_situations
from tests.triage.test_properties import SYMPTOMS

GATES = ("em_gate", "nerve_gate", "site_gate")
# Each rule's hour and the time before the procedure; between two of them nothing depends on the hour.
HOURS = (-1.0, 0.0, 24.0, 48.0, 336.0, 504.0, 2160.0)
# "Some, but I did not say which" is the most urgent answer of a list; naming the item replaces it.
GATE_EXCEPTION = "a gate answered 'some' without an item is read as the worst of its list"
# RW-25 asks for a missing pain only when both scores are missing: the higher of two is heard while one is there.
PAIN_EXCEPTION = "of two pain scores the higher counts, so without it the lower one is heard"
PAINS = ("pain_move", "pain_rest")


class Both:
    """The tier of a case, from both engines, which must agree."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    def ranks(self, cases: list[Case]) -> list[int]:
        """Each case's tier, 0 on track to 3 for 911."""
        ours = [as_answer(judge(*case[:4], None, *case[4:])) for case in cases]
        theirs: list[Answer] = []
        for start in range(0, len(cases), 2000):
            theirs += self.phone.judge(cases[start : start + 2000])
        assert [case for case, one, two in zip(cases, ours, theirs, strict=True) if one != two] == []
        Counter.add(len(cases), 0)
        return [TIERS.index(answer["tier"]) for answer in ours]

    def lowered(self, pairs: list[tuple[Case, Case]]) -> list[tuple[Case, Case]]:
        """The pairs whose second tier is under the first."""
        before, after = self.ranks([one for one, _ in pairs]), self.ranks([two for _, two in pairs])
        return [pair for pair, one, two in zip(pairs, before, after, strict=True) if two < one]


@pytest.fixture
def both(phone: Phone) -> Both:
    return Both(phone)


def bases() -> Iterator[dict[str, Any]]:
    """The calm log, the empty one, and every log one telling answer away from calm."""
    yield CALM_LOG
    yield {}
    for field, values in FEW.items():
        yield from ({**CALM_LOG, field: value} for value in values)


def at(hours: float, log: dict[str, Any] | None) -> Case:
    return PATIENT, hours, log, [{"hours": hours - 12.0, "log": {"pain_move": 2, "pain_site": 1}}]


def with_symptoms() -> Iterator[tuple[Case, Case]]:
    for number, (log, (field, answers)) in enumerate(product(bases(), SYMPTOMS.items())):
        for answer in answers if log.get(field) in (None, "no", "none", "both_move", "fine") else ():
            hours = HOURS[number % len(HOURS)]
            yield at(hours, log), at(hours, {**log, field: answer})


@pytest.mark.slow
def test_no_added_symptom_lowers_the_tier_but_for_the_gates(both: Both) -> None:
    lowered = both.lowered(list(with_symptoms()))
    assert [pair for pair in lowered if not any((pair[0][2] or {}).get(gate) == "some" for gate in GATES)] == []
    assert lowered, GATE_EXCEPTION


def test_the_gate_exception_is_exactly_as_written(both: Both) -> None:
    """R911-11 and RDN-24 until an item is named; then the item's own tier counts."""
    told = {
        "em_gate": ({"em_passed_out": "almost"}, 3, 2),
        "nerve_gate": ({"numb": "yes", "numb_change": "same_as_before"}, 2, 1),
        "site_gate": ({"site_bleeding": "spot"}, 2, 0),
    }
    for gate, (item, before, after) in told.items():
        log = {**CALM_LOG, gate: "some"}
        assert both.ranks([at(30.0, log), at(30.0, {**log, **item})]) == [before, after]


def without_an_answer() -> Iterator[tuple[Case, Case]]:
    """Answers that report nothing wrong, or explain a sign away: each left out, at every hour of the rules."""
    calming = ("none", "no", "same_as_before", "better", "not_now", "ok", "fine", "both_move", "na", "less")
    for log, hours in product(bases(), HOURS):
        for field, value in log.items():
            # No walking at all is what a symptom is, though it is written 'none'.
            if (value in calming and field != "walk_level") or field in PAINS:
                yield at(hours, log), at(hours, {key: kept for key, kept in log.items() if key != field})


@pytest.mark.slow
def test_no_calm_answer_left_out_lowers_the_tier_but_for_one_of_two_pains(both: Both) -> None:
    for before, after in both.lowered(list(without_an_answer())):
        kept = after[2] or {}
        dropped = set(before[2] or {}) - set(kept)
        assert dropped <= set(PAINS), (before, after)
        assert any(kept.get(pain) is not None for pain in PAINS), PAIN_EXCEPTION


def test_the_pain_exception_is_exactly_as_written(both: Both) -> None:
    log = {**CALM_LOG, "pain_move": 10, "pain_rest": 1}
    one, none = dict(log), dict(log)
    del one["pain_move"], none["pain_move"], none["pain_rest"]
    assert both.ranks([at(30.0, log), at(30.0, one), at(30.0, none)]) == [2, 1, 1]


@pytest.mark.slow
def test_no_note_lowers_the_tier(both: Both) -> None:
    logs = [log for log in bases() if "notes" not in log]
    pairs = [
        (at(HOURS[n % len(HOURS)], log), at(HOURS[n % len(HOURS)], {**log, "notes": NOTES[n % len(NOTES)]}))
        for n, log in enumerate(log for log in logs for _ in range(5))
    ]
    assert both.lowered(pairs) == []


def test_silence_never_lowers_an_unanswered_alert(both: Both) -> None:
    """Every urgent sign, unanswered, through years of silence: the tier of the alert itself."""
    signs = [sign for sign in load_rulebook().signs.values() if sign.tier != "watch"]
    cases: list[Case] = []
    expected = []
    for sign, hours, ack in product(signs, (20.0, 48.0, 188.0, 2160.0, 20_000.0), ("none", "seen")):
        alert = {"sign": sign.key, "tier": sign.tier, "opened_hours": 20.0, "ack": ack, "ack_hours": None}
        cases.append(({**PATIENT, "alerts": [alert]}, hours, None, []))
        expected.append(TIERS.index(sign.tier))
    assert both.ranks(cases) == expected


def test_longer_silence_alone_never_lowers_the_tier_within_a_phase(both: Both) -> None:
    ends = [48.0 * step for step in range(7)], [336.0 + 48 * step for step in range(14)]
    for hours in ends:
        ranks = both.ranks([(PATIENT, at, None, [{"hours": hours[0] - 1, "log": {}}]) for at in hours])
        assert ranks == sorted(ranks)


def test_no_clinic_setting_and_no_override_touches_a_911_rule(both: Both) -> None:
    """Over random valid settings: the same 911 rules fire, and with one of them the tier is 911."""
    random = Random(31)
    plain: list[Case] = []
    for patient, hours, log, history in many_situations(seed=31, count=600):
        shown = {field: random.choice(FIELDS[field]) for field in random.sample(list(SYMPTOMS)[:8], 2)}
        plain.append(({**patient, "alerts": [], "clinic_overrides": {}}, hours, {**(log or {}), **shown}, history))
    configured = []
    for patient, *rest in plain:
        overrides = {"fever_threshold_f": 99.5, "site_swelling_grace_hours": 72}
        configured.append(({**patient, "clinic_overrides": overrides}, *rest, any_config(random)))
    before = [emergencies(case) for case in plain]
    assert [emergencies(case) for case in configured] == before
    assert [rank == 3 for rank in both.ranks(configured)] == [bool(fired) for fired in before]
    assert sum(map(bool, before)) > len(before) // 6


def emergencies(case: Case) -> list[str]:
    verdict = judge(*case[:4], None, *case[4:])
    return [rule.id for rule in verdict.fired if rule.id.startswith("R911")]


def test_a_verdict_depends_on_the_arguments_alone(both: Both) -> None:
    """In another order, and again, each engine says the same: nothing is remembered from case to case."""
    cases = [*many_situations(seed=32, count=300), *many_situations(seed=33, count=100, silent=True)]
    ranks = both.ranks(cases)
    order = list(range(len(cases)))
    Random(1).shuffle(order)
    assert both.ranks([cases[at] for at in order]) == [ranks[at] for at in order]
