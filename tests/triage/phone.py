"""The phone's evaluator held against the rule book in Python, on everything a patient or a page is told."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from recovery.management.phone_engine import Phone
from recovery.triage.evaluate import judge
from recovery.triage.shapes import Rulebook
from recovery.triage.verdict import Verdict
from tests.depth import some
from tests.triage.counter import Counter
from tests.triage.strategies import Configured, Situation

BATCH = 1000
NO_ENGINE = "neither Node nor Chromium found: the phone's evaluator can not be compared"

Answer = dict[str, Any]
Case = Situation | Configured
Difference = tuple[Case, Answer, Answer]


def in_python(case: Case, rulebook: Rulebook | None = None) -> Answer:
    """The verdict of the rule book, as JSON would have it."""
    patient, hours, log, history, *config = case
    return as_answer(judge(patient, hours, log, history, rulebook, *config))


def as_answer(verdict: Verdict) -> Answer:
    """What is told to the patient or a page, as the phone answers it."""
    return {
        "tier": verdict.tier,
        "fired": [
            {
                "id": rule.id,
                "tier": rule.tier,
                "signs": list(rule.signs),
                "sources": list(rule.sources),
                "defaults": list(rule.defaults),
                "er_now": rule.er_now,
            }
            for rule in verdict.fired
        ],
        "notices": [notice.id for notice in verdict.notices],
        "nurse_priority": verdict.nurse_priority,
        "messages": [{"rule": m.rule, "text": m.text, "sources": list(m.sources)} for m in verdict.messages],
        "rulebook": verdict.rulebook_hash,
    }


def differences(phone: Phone, cases: Iterable[Case], *, most: int = 3) -> list[Difference]:
    """The first few cases on which the two differ: (case, rule book, phone)."""
    found: list[Difference] = []
    for batch in batches(some(cases)):
        for case, theirs in zip(batch, phone.judge(batch), strict=True):
            ours = in_python(case)
            if ours != theirs:
                found.append((case, ours, theirs))
        Counter.compared += len(batch)
        if len(found) >= most:
            break
    return found[:most]


def batches(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """The cases in lists that are sent at once."""
    rest = iter(cases)
    while batch := list(islice(rest, BATCH)):
        yield batch
