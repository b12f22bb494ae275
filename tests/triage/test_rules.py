"""Every rule: what fires it, the nearest thing that does not, and both sides of every number."""

from typing import Any

import pytest

from recovery.triage.evaluate import judge
from recovery.triage.rulebook import load_rulebook
from recovery.triage.verdict import Verdict
from tests.triage.cases import CASES, NOTICES, PRIORITIES, alert, contacted, earlier, situation
from tests.triage.cases_latch import LATCH_CASES

PILLS = {"pain_meds": ["acetaminophen"]}
GROWING = {
    "PATIENT": {"clinic_overrides": {"site_swelling_grace_hours": 72}},
    "site_swelling": "small_not_growing",
}
LOWER_LINE = {"PATIENT": {"clinic_overrides": {"fever_threshold_f": 99.5, "fever_threshold_c": 37.5}}}
HIGHER_LINE = {"PATIENT": {"clinic_overrides": {"fever_threshold_f": 102, "fever_threshold_c": 39}}}
NO_BASELINE = {"PATIENT": {"baseline_pain": None}}
SLOW = {"HOURS": 60.0, **contacted("early_pain"), **earlier(pain_move=5)}

# (rule, answers just inside, answers just outside): one row per number of the rules.
NUMBERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("RDN-13", {"pain_site": 3, **alert("site_pain_up")}, {"pain_site": 2, **alert("site_pain_up")}),
    ("RDN-14", {"temp_value": 38.0, "temp_unit": "C"}, {"temp_value": 37.9, "temp_unit": "C"}),
    ("RDN-14", {"temp_value": 99.5, **LOWER_LINE}, {"temp_value": 99.4, **LOWER_LINE}),
    ("RDN-14", {"temp_value": 37.5, **LOWER_LINE}, {"temp_value": 37.4, **LOWER_LINE}),
    ("RDN-14", {"temp_value": 100.4, **HIGHER_LINE}, {"temp_value": 100.3, **HIGHER_LINE}),
    ("RDN-14", {"temp_value": 110}, {"temp_value": 110.1}),
    ("RDN-14", {"temp_value": 43.3}, {"temp_value": 43.4}),
    ("RDN-17", {"pain_move": 5, **earlier(pain_move=3)}, {"pain_move": 5, **earlier(pain_move=4)}),
    ("RDN-17", {"pain_rest": 4, **alert("back_pain_up")}, {"pain_rest": 3, **alert("back_pain_up")}),
    (
        "RDN-18",
        {"pain_move": 4, **alert("back_worse_than_before")},
        {"pain_move": 3, **alert("back_worse_than_before")},
    ),
    (
        "RDN-20",
        {"apap_total_mg": 1, "PATIENT": {"apap_max_mg": 0}},
        {"apap_total_mg": 0, "PATIENT": {"apap_max_mg": 0}},
    ),
    ("RW-01", {"pain_move": 5, "HOURS": 335.9}, {"pain_move": 5, "HOURS": 336.0}),
    ("RW-01", {"pain_move": 4, "HOURS": 60.0, **NO_BASELINE}, {"pain_move": 3, "HOURS": 60.0, **NO_BASELINE}),
    (
        "RW-01",
        {"pain_move": 1, "pain_rest": 1, "HOURS": 60.0, "PATIENT": {"baseline_pain": 1}},
        {"pain_move": 0, "pain_rest": 0, "HOURS": 60.0, "PATIENT": {"baseline_pain": 0}},
    ),
    ("RW-01", {**SLOW, "pain_move": 6}, {**SLOW, "pain_move": 5}),
    (
        "RW-01",
        {**SLOW, "pain_move": 5, "PATIENT": {"baseline_pain": 7, "intravertebral_cleft": True}},
        {**SLOW, "pain_move": 4, "PATIENT": {"baseline_pain": 7}},
    ),
    ("RW-02", {"pain_move": 5, "HOURS": 336.0}, {"pain_move": 5, "HOURS": 335.9}),
    ("RW-11", {"temp_value": 100.3}, {"temp_value": 100.4}),
    ("RW-11", {"temp_value": 37.9}, {"temp_value": 37.7}),
    ("RW-11", {"temp_value": 100.35}, {"temp_value": 100.4}),
    ("RW-12", {"fever_feel": "yes", "temp_value": 37.7}, {"fever_feel": "yes", "temp_value": 37.8}),
    ("RW-13", {"temp_value": 33.8}, {"temp_value": 33.9}),
    ("RW-13", {"temp_value": 43.4}, {"temp_value": 43.3}),
    ("RW-13", {"temp_value": 110.1}, {"temp_value": 110}),
    ("RW-16", {**PILLS, "apap_total_mg": 4000}, {**PILLS, "apap_total_mg": 4001}),
    ("RW-22", {"walk_level": "none", "HOURS": 336.0}, {"walk_level": "none", "HOURS": 335.9}),
    ("RW-22", {"walk_level": "none", "HOURS": 336.0, "PATIENT": {"baseline_walk_level": None}}, {"HOURS": 336.0}),
    ("RW-24", {"SILENT": True, "HOURS": 335.9}, {"SILENT": True, "HOURS": 400.0, "HISTORY": [(71.9, {})]}),
    (
        "RW-24",
        {"SILENT": True, "HOURS": 336.0, "HISTORY": [(72.0, {})]},
        {"SILENT": True, "HOURS": 336.0, "HISTORY": [(71.9, {})]},
    ),
    (
        "RW-24",
        {"SILENT": True, "HOURS": 1008.0, "HISTORY": [(192.0, {})]},
        {"SILENT": True, "HOURS": 1008.0, "HISTORY": [(191.9, {})]},
    ),
    ("RW-24", {"SILENT": True, "HOURS": 48.0}, {"SILENT": True, "HOURS": -100.0}),
    ("RW-27", {"activities": ["drove"], "HOURS": 23.9}, {"activities": ["drove"], "HOURS": 24.0}),
    ("RW-28", {**GROWING, "HOURS": 71.9}, {**GROWING, "HOURS": 72.0}),
    (
        "RW-28",
        {**GROWING, "pain_site": 1, **earlier(pain_site=0)},
        {**GROWING, "pain_site": 2, **earlier(pain_site=0)},
    ),
    ("RW-28", GROWING, {**GROWING, "fever_feel": "yes", "temp_value": 98.6}),
    ("RW-29", {"pain_site": 2, **earlier(pain_site=0)}, {"pain_site": 2, **earlier(pain_site=1)}),
    ("RW-30", {"pain_move": 8, "HOURS": 0.0}, {"pain_move": 7, "HOURS": 0.0}),
]
NOTICE_NUMBERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("N-01", {"activities": ["drove"], "HOURS": 24.0}, {"activities": ["drove"], "HOURS": 23.9}),
    ("N-01", {"activities": ["drove"]}, {"activities": ["drove"], "pain_meds": ["opioid"]}),
    (
        "N-02",
        {"activities": ["bent_twisted"], "PATIENT": {"clinic_overrides": {"heavy_cleared_on": "2026-03-10"}}},
        {"activities": ["bent_twisted"], "PATIENT": {"clinic_overrides": {"heavy_cleared_on": "2026-03-09"}}},
    ),
    ("N-11", {"activities": ["desk_work"], "HOURS": 0.0}, {"activities": ["desk_work"], "HOURS": -0.1}),
]


def verdict(case: dict[str, Any]) -> Verdict:
    return judge(*situation(case))


def fired(case: dict[str, Any]) -> list[str]:
    return [entry.id for entry in verdict(case).fired]


@pytest.mark.parametrize(("rule", "hit", "miss"), [*CASES, *LATCH_CASES, *NUMBERS])
def test_it_fires_for_this_and_not_for_the_nearest_thing(rule: str, hit: dict, miss: dict) -> None:
    assert rule in fired(hit)
    assert rule not in fired(miss)


@pytest.mark.parametrize(("notice", "hit", "miss"), [*NOTICES, *NOTICE_NUMBERS])
def test_it_shows_the_notice_and_not_for_the_nearest_thing(notice: str, hit: dict, miss: dict) -> None:
    assert notice in [shown.id for shown in verdict(hit).notices]
    assert notice not in [shown.id for shown in verdict(miss).notices]


@pytest.mark.parametrize(("priority", "case"), PRIORITIES)
def test_it_says_how_soon_a_nurse_should_look(priority: str | None, case: dict) -> None:
    assert verdict(case).nurse_priority == priority


def test_no_rule_and_no_notice_is_left_without_a_case() -> None:
    book = load_rulebook()
    rules = {rule.id for rule in (*book.urgent, *book.watch)} | {rule.id for rule in book.latch}
    assert rules == {rule for rule, _, _ in [*CASES, *LATCH_CASES]}
    assert {notice.id for notice in book.notices} == {notice for notice, _, _ in NOTICES}
    assert len(rules) == 13 + 30 + 4 + 31


def test_a_gate_that_says_none_does_not_hide_a_filled_item() -> None:
    assert fired({"em_gate": "none", "em_chest_pain": "yes"}) == ["R911-05"]
    assert fired({"site_gate": "none", "site_warmth": "warm"}) == ["RDN-09"]
    assert fired({"nerve_gate": "none", "numb": "yes", "numb_where": ["legs"]}) == ["RDN-01"]
    assert fired({"nerve_gate": "none", "bladder": "leak"}) == ["RDN-06"]


def test_no_pain_score_skips_the_pain_rules_but_not_the_missing_answer_rule() -> None:
    assert fired({"pain_move": None, "pain_rest": None, "HOURS": 400.0, **earlier(pain_move=0)}) == ["RW-25"]


def test_before_the_procedure_only_urgent_rules_and_the_missing_answer_rule_hold() -> None:
    assert fired({"HOURS": -1.0, "back_stiff": "new_or_worse", "pain_rest": 8}) == []
    assert fired({"HOURS": -1.0, "rash": "yes", "em_breath": "some"}) == ["R911-04", "RDN-22"]
    assert fired({"HOURS": -1.0, "em_gate": None}) == ["RW-25"]
    assert verdict({"HOURS": -1.0, "stomach": "upset"}).notices == ()


def test_emergency_rules_hold_years_later() -> None:
    assert verdict({"HOURS": 60_000.0, "em_leg_move": "one_cannot"}).tier == "call_911"


def test_a_small_rise_is_only_watched_when_no_urgent_back_rule_fires() -> None:
    assert fired({"back_change": "worse", **earlier(pain_move=0)}) == ["RW-04"]
    assert fired({"back_change": "worse", "pain_move": 5, **earlier(pain_move=0)}) == ["RDN-17"]


def test_swelling_inside_the_grace_replaces_the_call_and_nothing_else() -> None:
    assert fired(GROWING) == ["RW-28"]
    assert fired({**GROWING, "rash": "yes"}) == ["RDN-22", "RW-28"]
    assert fired({**GROWING, "site_swelling": "new_or_growing"}) == ["RDN-08"]


def test_a_tapped_unit_wins_when_it_is_plausible_and_loses_when_it_is_not() -> None:
    assert fired({"temp_value": 100.4, "temp_unit": "C"}) == ["RDN-14"]
    assert fired({"temp_value": 38.5, "temp_unit": "F"}) == ["RDN-14"]
    assert fired({"temp_value": 50, "temp_unit": "F"}) == ["RW-13"]
