"""A few thousand cases that see nearly every wrong: the telling ones first."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any

from tests.triage.answers import CALM_LOG, EDGE_HOURS, PATIENT
from tests.triage.cases import CASES, NOTICES, PRIORITIES, alert, contacted, crept, earlier, situation
from tests.triage.cases_latch import LATCH_CASES, LEGS_WEAK, evaluated
from tests.triage.inputs import NOTICES as NOTICE_TREES
from tests.triage.inputs import RULES, case_with, inputs_of, shown_and_acknowledged
from tests.triage.strategies import Configured, Situation, many_configured, many_situations, single_answers
from tests.triage.test_against_oracle import staged
from tests.triage.test_parity import moments, notes, together
from tests.triage.test_rules import NUMBERS, SLOW

AT_RANDOM = 600
BLOOD_AND_PUS = {"site_bleeding": "soaking", "site_streaks": "yes", "site_drainage": "pus"}
HEAVY = {"activities": ["lifted_heavy"]}


def known_about(sign: str) -> dict[str, Any]:
    """A doctor-now alert of a sign named like its rule, answered 5 hours ago."""
    alert = {"sign": sign, "tier": "call_doctor_now", "opened_hours": 20.0, "ack": "contacted", "ack_hours": 25.0}
    return {"ALERT": alert}


def answered_lately(sign: str, **snapshot: Any) -> dict[str, Any]:
    """An alert of this sign, answered 5 hours before hour 400."""
    return alert(sign, opened_hours=390.0, ack="contacted", ack_hours=395.0, snapshot=snapshot)


def ended(at: str, cleared_on: str) -> dict[str, Any]:
    return {
        "PATIENT": {
            "procedure_end_at": at,
            "time_zone": "UTC",
            "clinic_overrides": {"heavy_cleared_on": cleared_on},
        }
    }


# Each phase's limit of silence: (hours since the procedure, hours since the last log).
SILENCES = [(100.0, 48.0), (335.0, 48.0), (336.0, 72.0), (1007.0, 72.0), (1008.0, 192.0), (2159.0, 192.0)]
# What only a chance would bring: laid over the calm log as in `cases`.
RARE: list[dict[str, Any]] = [
    {"nerve_gate": "some", **known_about("RDN-24")},
    {"notes": "fever", **known_about("RDN-25")},
    {**LEGS_WEAK, "weak_stand": "cannot", **evaluated("weak", regions=["legs"], weak_stand="cannot")},
    {**LEGS_WEAK, "weak_stand": "cannot", **evaluated("weak", regions=["legs"], weak_stand="hard")},
    {**HEAVY, **ended("2026-03-07T23:30:00Z", "2026-03-08"), "HOURS": 0.5},
    {**HEAVY, **ended("2026-03-07T23:30:00Z", "2026-03-08"), "HOURS": 0.49},
    {**HEAVY, **ended("2026-03-07T23:30:00Z", "2026-03-08"), "HOURS": 0.49986},
    {**HEAVY, **ended("2026-03-07T23:30:00-05:00", "2026-03-09"), "HOURS": 19.4999},
    {**HEAVY, **ended("2026-03-07T23:30:00-05:00", "2026-03-09"), "HOURS": 19.5},
    {**HEAVY, **ended("2026-03-07T23:30:00+05:45", "2026-03-08"), "HOURS": 6.25},
    {**HEAVY, **ended("2026-03-07T23:30:00+05:45", "2026-03-08"), "HOURS": 6.2499},
    {"em_breath": "some", "notes": "I have chest pain now"},
    {"pain_move": 4, **contacted("back_pain_up", pain=4), **earlier(pain_move=2)},
    {"activities": ["drove"], "HOURS": 24.0},
    {**HEAVY, **ended("9999-12-31T23:59:59-11:00", "2026-03-08"), "HOURS": 0},
    {"numb": "yes", "numb_where": [], **contacted("numb", regions=[])},
    {**HEAVY, **ended("9999-12-31T23:00:00+00:00", "9999-12-31"), "HOURS": 1e8},
    {"numb": "yes", "numb_where": ["legs", "treated_area", "other"]},
    *({"pain_move": pain, **contacted("back_pain_up", pain=4), **earlier(pain_move=4)} for pain in (5, 6, 7)),
    *({"pain_site": pain, **contacted("site_pain_up", pain_site=4), **earlier(pain_site=4)} for pain in (5, 6)),
    *({"SILENT": True, "HOURS": hours, "HISTORY": [(gap, {})]} for hours, gap in SILENCES),
    *({"pain_move": 4, "HISTORY": [(ago, {"pain_move": 2, "pain_site": 0})]} for ago in (30.0, 30.01)),
    # Told to go to the ER: no two other messages stand before it.
    *({**BLOOD_AND_PUS, **lost} for lost in ({"bladder": "leak"}, {"bowel": "leak"}, {"numb": "yes"})),
    {"pain_site": 2, "pain_rest": 8, **earlier(pain_site=0)},
    # The lowest of several, and one of exactly a week ago, which is the week's own.
    {
        "pain_move": 4,
        "HOURS": 400.0,
        "HISTORY": [(300.0, {"pain_move": 1}), (250.0, {"pain_move": 2}), (9.0, {"pain_move": 3})],
    },
    {"pain_move": 4, **crept(at=232.0), **answered_lately("back_pain_up", pain=4)},
    {"pain_move": 4, **crept(at=231.99), **answered_lately("back_pain_up", pain=4)},
    {"fever_feel": "unsure", "PATIENT": {"clinic_overrides": {"fever_threshold_f": 100.3}}},
    # A microsecond before midnight.
    {**HEAVY, **ended("2026-03-07T23:15:00Z", "2026-03-08"), "HOURS": 0.75 - 1 / 3_600_000_000},
]
# What only such words would show: where a mark stands beside what is said, and the edges of a number.
WRITTEN = [
    "I took 90 tylenol instead",
    "I get hardly any air",
    "I have an appointment. What if I get a fever? My back is fine",
    "today is good but I used to have chest pain",
    "I used to have chest pain but today is good",
    "I had chest pain in 1930",
    "I had chest pain in 1929",
    "I had chest pain in 2099",
    "I had chest pain in 2100",
]


def compact_cases() -> list[Situation | Configured]:
    """The same cases each time."""
    cases = [*_handwritten(), *_rule_by_rule(), *_sampled()]
    return list({repr(case): case for case in cases}.values())


def _handwritten() -> Iterator[Situation | Configured]:
    """Each rule's hit and miss, and each hit with the next rule's: their order shows."""
    hits = [case for _, case, _ in [*CASES, *LATCH_CASES, *NOTICES]]
    yield from map(situation, hits)
    yield from (situation(miss) for _, _, miss in [*CASES, *LATCH_CASES, *NOTICES])
    yield from (situation(case) for _, hit, miss in NUMBERS for case in (hit, miss))
    yield from (situation(case) for _, case in PRIORITIES)
    yield from map(situation, RARE)
    yield from (situation({"notes": note}) for note in WRITTEN)
    yield (*situation({**SLOW, "pain_move": 4, "PATIENT": {"baseline_pain": 6}}), {"pain_mcid": 3})
    for tier in ("watch", "call_doctor_now"):
        yield (*situation({"em_passed_out": "almost"}), {"near_faint_tier": tier})
        yield (*situation({"em_passed_out": "almost", "rash": "yes"}), {"near_faint_tier": tier})
    yield (*situation({"pain_move": 5, "HOURS": 335.9}), {"late_check_h": 300})
    yield from (situation(together(one, two)) for one, two in pairwise(hits))
    yield from (situation(together(one, two)) for one, two in zip(hits, hits[5:], strict=False))


def _rule_by_rule() -> Iterator[Situation]:
    """Every input of every rule alone, on the rule's own hit too."""
    for tree in {**RULES, **NOTICE_TREES}.values():
        for values in inputs_of(tree):
            yield from (case_with([value], CALM_LOG) for value in values)


def _sampled() -> Iterator[Situation | Configured]:
    random = Random(5)
    for hours in random.sample(EDGE_HOURS, 2):
        yield from staged(single_answers(CALM_LOG), hours)
    yield from random.sample(list(shown_and_acknowledged()), 300)
    yield from many_situations(seed=21, count=AT_RANDOM)
    yield from many_situations(seed=22, count=AT_RANDOM // 3, silent=True)
    yield from many_configured(seed=23, count=AT_RANDOM // 3)
    yield from random.sample(list(moments()), 30)
    told = random.sample(list(notes()), 150)
    yield from ((PATIENT, 30.0, {**CALM_LOG, "notes": note}, []) for note in told)
