"""The oracle itself, against cases read off the rules by hand."""

import pytest

from tests.triage.cases import CASES, NOTICES, PRIORITIES, alert, contacted, situation
from tests.triage.cases_latch import LATCH_CASES
from tests.triage.oracle import judge

RANK = ["on_track", "watch", "call_doctor_now", "call_911"]


@pytest.mark.parametrize(("rule", "hit", "miss"), CASES + LATCH_CASES)
def test_it_fires_each_rule_and_not_the_nearest_thing_to_it(rule: str, hit: dict, miss: dict) -> None:
    assert rule in judge(*situation(hit))["fired"]
    assert rule not in judge(*situation(miss))["fired"]


@pytest.mark.parametrize(("notice", "hit", "miss"), NOTICES)
def test_it_shows_each_notice_and_not_for_the_nearest_thing(notice: str, hit: dict, miss: dict) -> None:
    assert notice in judge(*situation(hit))["notices"]
    assert notice not in judge(*situation(miss))["notices"]


@pytest.mark.parametrize(("priority", "case"), PRIORITIES)
def test_it_orders_the_nurses_work(priority: str | None, case: dict) -> None:
    assert judge(*situation(case))["nurse_priority"] == priority


def test_a_calm_log_fires_nothing() -> None:
    calm: dict[str, object] = {"tier": "on_track", "fired": [], "notices": [], "nurse_priority": None}
    assert judge(*situation({})) == calm


def test_an_empty_log_is_never_on_track() -> None:
    assert judge({}, 30, {}, [])["fired"] == ["RW-25"]


def test_it_returns_every_fired_rule_in_the_order_of_the_rules() -> None:
    case = {"back_stiff": "new_or_worse", "rash": "yes", "em_chest_pain": "yes", **alert("weak")}
    assert judge(*situation(case))["fired"] == ["R911-05", "RDN-22", "RL-02", "RW-05"]


@pytest.mark.parametrize(
    ("sign", "age", "tier"),
    [
        ("em_chest_pain", 168, "call_doctor_now"),
        ("em_chest_pain", 168.1, "watch"),
        ("bladder", 168, "call_doctor_now"),
        ("bladder", 168.1, "watch"),
        ("rash", 1, "watch"),
    ],
)
def test_an_unanswered_sign_that_went_away_is_held_by_its_age(sign: str, age: float, tier: str) -> None:
    case = alert(sign, opened_hours=300 - age) | {"HOURS": 300.0}
    assert judge(*situation(case))["tier"] == tier


def test_silence_keeps_the_tier_of_an_unanswered_alert() -> None:
    assert judge(*situation({"SILENT": True, **alert("em_breath")}))["tier"] == "call_911"
    assert judge(*situation({"SILENT": True, **alert("rash")}))["tier"] == "call_doctor_now"


@pytest.mark.parametrize(
    "case",
    [
        {"fall": "fell_hurt", **contacted("fall_hurt", ack="evaluated")},
        {"apap_total_mg": 9000, **contacted("apap_over", ack="evaluated")},
        {"site_bleeding": "soaking", **contacted("site_bleeding", ack="evaluated")},
        {"back_change": "new_sudden", **contacted("back_new_sudden", ack="evaluated")},
        {"site_redness": "new_or_spreading", **contacted("site_redness", ack="evaluated")},
    ],
)
def test_a_fresh_danger_is_never_lowered_by_an_answered_alert(case: dict) -> None:
    assert judge(*situation(case))["tier"] == "call_doctor_now"


def test_a_known_steady_sign_steps_down_alone() -> None:
    case = {"rash": "yes", "site_warmth": "warm", **contacted("rash")}
    assert judge(*situation(case))["fired"] == ["RDN-09", "RL-03"]
