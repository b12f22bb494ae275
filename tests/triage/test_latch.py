"""Open alerts: what an acknowledgement quiets, what stays when a sign is gone, what silence keeps."""

from typing import Any

import pytest

from recovery.triage.evaluate import judge
from tests.triage.cases import alert, contacted, situation

FEVER = {"temp_value": 38.4, "temp_unit": "C"}
WEAK = {"weak": "yes", "weak_where": ["legs"], "weak_stand": "hard"}


def judged(case: dict[str, Any], *alerts: dict[str, Any]) -> tuple[str, list[str]]:
    """Tier and fired ids of a case, with more alerts than the case names."""
    patient, hours, log, history = situation(case)
    more = [row["ALERT"] for row in alerts]
    verdict = judge({**patient, "alerts": [*patient["alerts"], *more]}, hours, log, history)
    return verdict.tier, [entry.id for entry in verdict.fired]


@pytest.mark.parametrize(
    ("age", "expected"), [(0.0, "RL-03"), (48.0, "RL-03"), (48.1, "RDN-22"), (-0.1, "RDN-22"), (None, "RDN-22")]
)
def test_an_answer_quiets_a_steady_sign_for_48_hours(age: float | None, expected: str) -> None:
    answered = None if age is None else 30.0 - age
    assert judged({"rash": "yes", **alert("rash", ack="contacted", ack_hours=answered)})[1] == [expected]


@pytest.mark.parametrize(("ack", "expected"), [("none", "RDN-22"), ("seen", "RDN-22"), ("evaluated", "RL-03")])
def test_a_look_at_the_screen_quiets_nothing(ack: str, expected: str) -> None:
    assert judged({"rash": "yes", **alert("rash", ack=ack, ack_hours=29.0)})[1] == [expected]


@pytest.mark.parametrize("sign", ["bladder", "bowel", "weak", "site_streaks", "site_pus"])
def test_a_hard_sign_is_quieted_only_by_an_examination(sign: str) -> None:
    shows: dict[str, Any] = {
        "bladder": {"bladder": "leak"},
        "bowel": {"bowel": "leak"},
        "weak": WEAK,
        "site_streaks": {"site_streaks": "yes"},
        "site_pus": {"site_drainage": "pus"},
    }
    known: dict[str, Any] = {"regions": ["legs"], "weak_stand": "hard", "level": "leak"}
    assert judged({**shows[sign], **contacted(sign, **known)})[0] == "call_doctor_now"
    assert judged({**shows[sign], **contacted(sign, ack="evaluated", **known)})[0] == "watch"


@pytest.mark.parametrize(
    ("case", "lowered"),
    [
        ({"numb": "yes", "numb_where": ["legs"], **contacted("numb", regions=["legs", "belly"])}, True),
        ({"numb": "yes", "numb_where": ["other"], **contacted("numb", regions=["legs"])}, False),
        ({"numb": "yes", "numb_where": [], **contacted("numb", regions=["legs"])}, False),
        ({"numb": "yes", "numb_change": "worse", **contacted("numb")}, False),
        ({**WEAK, **contacted("weak", ack="evaluated", regions=["legs"], weak_stand="hard")}, True),
        ({**WEAK, **contacted("weak", ack="evaluated", regions=["legs"], weak_stand="can")}, False),
        ({**FEVER, **contacted("fever", temp_c=38.0)}, True),
        ({**FEVER, **contacted("fever", temp_c=37.9)}, False),
        ({**FEVER, **contacted("fever")}, False),
        ({"temp_value": 101.3, **contacted("fever", temp_c=38.0)}, False),
        ({"pain_site": 4, **contacted("site_pain_up", pain_site=3)}, True),
        ({"pain_site": 5, **contacted("site_pain_up", pain_site=3)}, False),
        ({"pain_site": 4, "site_pain_change": "more", **contacted("site_pain_up", pain_site=4)}, False),
        ({"pain_move": 5, **contacted("back_pain_up", pain=4)}, True),
        ({"pain_move": 6, **contacted("back_pain_up", pain=4)}, False),
        ({"pain_move": 6, **contacted("back_worse_than_before", pain=4)}, False),
        ({"site_swelling": "small_not_growing", **contacted("site_swelling")}, True),
        ({"site_swelling": "new_or_growing", **contacted("site_swelling")}, False),
        ({"site_redness": "new_or_spreading", **contacted("site_redness")}, False),
        ({"bladder": "leak", "bladder_change": "worse", **contacted("bladder", ack="evaluated")}, False),
        ({"pain_move": 5, "back_change": "same", **contacted("back_new_sudden")}, True),
        ({"pain_move": 5, "back_change": "worse", **contacted("back_new_sudden")}, False),
    ],
)
def test_what_got_worse_or_can_not_be_compared_is_a_call_again(case: dict, lowered: bool) -> None:
    assert judged(case)[0] == ("watch" if lowered else "call_doctor_now")


def test_only_the_rules_of_the_quieted_sign_stay_silent() -> None:
    both = {"numb": "yes", "numb_where": ["legs", "treated_area"], "rash": "yes"}
    assert judged({**both, **contacted("numb", regions=["legs", "treated_area"])}) == (
        "call_doctor_now",
        ["RDN-22", "RL-03"],
    )


def test_a_symptom_with_an_open_alert_can_not_become_an_old_one_by_a_tap() -> None:
    old = {"numb": "yes", "numb_where": ["legs"], "numb_change": "same_as_before"}
    assert judged({**old, **alert("numb")})[1] == ["RDN-01"]
    assert judged({**old, **alert("numb", status="resolved")})[1] == ["RW-10"]


def test_an_unanswered_alert_does_not_hide_behind_an_answered_one_of_the_same_sign() -> None:
    answered, unanswered = contacted("rash"), alert("rash")
    assert judged({"rash": "yes"}, answered, unanswered)[1] == ["RDN-22"]
    assert judged({"rash": "yes"}, unanswered, answered)[1] == ["RDN-22"]
    assert judged({"rash": "yes"}, answered, answered)[1] == ["RL-03"]


@pytest.mark.parametrize(
    ("sign", "age", "tier"),
    [
        ("em_chest_pain", 168.0, "call_doctor_now"),
        ("em_chest_pain", 168.1, "watch"),
        ("site_pus", 168.0, "call_doctor_now"),
        ("site_pus", 168.1, "watch"),
        ("fever", 0.0, "watch"),
    ],
)
def test_a_sign_that_went_away_unanswered_is_held_by_its_age(sign: str, age: float, tier: str) -> None:
    assert judged({"HOURS": 300.0, **alert(sign, opened_hours=300.0 - age)})[0] == tier


def test_several_gone_signs_fire_one_rule_at_the_highest_tier() -> None:
    assert judged({}, alert("fever"), alert("weak"), alert("rash")) == ("call_doctor_now", ["RL-02"])


def test_a_gone_sign_that_was_answered_fires_nothing() -> None:
    assert judged(contacted("em_chest_pain")) == ("on_track", [])


@pytest.mark.parametrize(("sign", "tier"), [("em_breath", "call_911"), ("rash", "call_doctor_now")])
def test_silence_keeps_the_tier_of_an_unanswered_alert(sign: str, tier: str) -> None:
    assert judged({"SILENT": True, **alert(sign)}) == (tier, ["RL-04"])
    assert judged({"SILENT": True, **alert(sign, ack="contacted", ack_hours=29.0)}) == ("on_track", [])


def test_silence_with_two_alerts_keeps_the_higher_tier() -> None:
    assert judged({"SILENT": True, "HOURS": 48.0}, alert("rash"), alert("em_breath")) == (
        "call_911",
        ["RL-04", "RW-24"],
    )


def test_an_open_watch_alert_is_not_held_by_anything() -> None:
    assert judged(alert("early_pain")) == ("on_track", [])
