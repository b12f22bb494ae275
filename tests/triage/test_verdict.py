"""What a verdict tells the patient, the nurse and the alerts."""

import copy
import json
from typing import Any

import pytest

from recovery.triage.engine import evaluate
from recovery.triage.evaluate import judge
from recovery.triage.facts import build_facts
from recovery.triage.rulebook import load_rulebook
from recovery.triage.verdict import SignNow, Verdict
from tests.triage.cases import alert, contacted, earlier, situation


def verdict(case: dict[str, Any]) -> Verdict:
    return judge(*situation(case))


def sign(case: dict[str, Any], key: str) -> SignNow:
    return next(found for found in verdict(case).signs if found.key == key)


def test_on_track_says_so_and_names_its_sources() -> None:
    calm = verdict({})
    assert (calm.tier, calm.fired, calm.nurse_priority, calm.signs) == ("on_track", (), None, ())
    assert [message.text for message in calm.messages] == [
        "No warning signs in this log. Keep going. Call if that changes."
    ]
    assert "verywell EX-01" in calm.messages[0].sources


def test_the_patient_reads_at_most_two_messages_of_the_top_tier_the_most_specific_first() -> None:
    told = verdict(
        {"em_feels_emergency": "yes", "em_breath": "severe", "em_leg_move": "both_cannot", "rash": "yes"}
    )
    assert [message.rule for message in told.messages] == ["R911-03", "R911-07"]


def test_the_same_message_is_not_shown_twice() -> None:
    told = verdict({"em_breath": "severe", "em_feels_emergency": "yes", "em_cough_blood": "yes"})
    assert len({message.text for message in told.messages}) == 2
    assert len(verdict({"em_feels_emergency": "yes", "em_cough_blood": "yes"}).messages) == 1


def test_the_nurse_sees_all_that_fired_in_rule_book_order() -> None:
    seen = verdict({"back_stiff": "new_or_worse", "rash": "yes", "em_chest_pain": "yes", **alert("weak")})
    assert [entry.id for entry in seen.fired] == ["R911-05", "RDN-22", "RL-02", "RW-05"]
    assert seen.fired[1].reason == "New rash: allergy?"
    assert seen.fired[1].defaults == ("DF-43",)


def test_a_latched_rule_names_its_signs_and_carries_their_sources() -> None:
    (held,) = verdict(alert("em_chest_pain")).fired
    assert held.signs == ("em_chest_pain",)
    assert held.sources == ("default:DF-27", "verywell RF-911-02", "healthwise RF-911-07", "back-pain RF-911-10")


def test_a_range_of_sources_is_written_out() -> None:
    (old,) = verdict({"numb": "yes", "numb_change": "better"}).fired
    assert old.sources == ("healthwise DN-10", "healthwise DN-11", "healthwise DN-12")


def test_the_nurse_is_told_that_pills_may_hide_a_fever() -> None:
    near = {"temp_value": 100.2, "pain_meds": ["acetaminophen"]}
    assert "Pills may hide fever." in verdict(near).fired[0].reason
    assert "Pills may hide fever." not in verdict({"temp_value": 100.2}).fired[0].reason


def test_a_sign_carries_what_its_alert_must_remember() -> None:
    weak = sign(
        {"weak": "yes", "weak_where": ["legs", "belly"], "weak_stand": "hard", "temp_value": 101.3}, "weak"
    )
    assert weak.snapshot == {
        "pain": 2,
        "pain_site": 0,
        "temp_c": 38.5,
        "regions": ["belly", "legs"],
        "weak_stand": "hard",
    }


def test_two_rules_of_one_sign_raise_it_once() -> None:
    numb = verdict({"numb": "yes", "numb_where": ["legs", "treated_area", "other"]})
    assert [found.key for found in numb.signs] == ["numb"]


def test_a_quieted_sign_is_still_reported_at_watch() -> None:
    rash = sign({"rash": "yes", **contacted("rash")}, "rash")
    assert (rash.tier, rash.worse, rash.fresh) == ("watch", False, False)


def test_a_worse_or_always_fresh_sign_says_so() -> None:
    assert sign({"numb": "yes", "numb_change": "worse", **contacted("numb")}, "numb").worse
    assert not sign({"numb": "yes", "numb_change": "worse"}, "numb").worse
    assert sign({"fall": "fell_hurt"}, "fall_hurt").fresh
    assert sign({"em_chest_pain": "yes"}, "em_chest_pain").fresh
    assert not sign({"pain_move": 5, "back_change": "same", **alert("back_new_sudden")}, "back_new_sudden").fresh


def test_watch_rules_raise_their_own_id_or_their_trend_sign() -> None:
    assert [found.key for found in verdict({"back_stiff": "new_or_worse"}).signs] == ["RW-05"]
    assert [found.key for found in verdict({"pain_move": 5, "HOURS": 48.0}).signs] == ["early_pain"]


def test_judging_changes_nothing_it_was_given() -> None:
    given = situation({"numb": "yes", **alert("weak", snapshot={"regions": ["legs"]}), **earlier(pain_move=3)})
    before = copy.deepcopy(given)
    assert judge(*given) == judge(*given)
    assert given == before


def test_a_stored_verdict_can_be_replayed_from_its_facts_as_json() -> None:
    book = load_rulebook()
    given = situation({"numb": "yes", "numb_where": ["legs"], **alert("weak"), **earlier(pain_move=0)})
    first = judge(*given)
    again = evaluate(json.loads(json.dumps(build_facts(*given, book))), book)
    assert (again.tier, again.fired, again.signs) == (first.tier, first.fired, first.signs)
    assert first.rulebook_hash == book.hash


BEFORE_THE_NEXT = ["Call your clinic today, before the next dose."]
ER_NOW = "Go to the ER now. Do not wait for a call back. Have someone drive you. Call your doctor on the way."
STILL = "You told us your back pain got worse. Call your doctor now. We have not talked with you yet."


def said(case: dict[str, Any], *config: dict[str, Any]) -> list[str]:
    return [message.text for message in judge(*situation(case), None, *config).messages]


@pytest.mark.parametrize(
    ("sign", "now", "later"),
    [
        ("bladder", {"bladder": "leak"}, {"bladder": "leak", "bladder_change": "same_as_before"}),
        (
            "bladder",
            {"bladder": "cannot_pee", "bladder_change": "better"},
            {"bladder": "leak", "bladder_change": "better"},
        ),
        ("bowel", {"bowel": "leak", "bowel_change": "worse"}, {"bowel": "leak", "bowel_change": "better"}),
        ("numb", {"numb": "yes"}, {"numb": "yes", "numb_where": ["legs"]}),
        ("numb", {"numb": "yes", "numb_where": ["buttocks"]}, {"numb": "yes", "numb_where": ["belly", "other"]}),
        (
            "numb",
            {"numb": "yes", "numb_change": "worse", **alert("numb")},
            {"numb": "yes", "numb_change": "same_as_before", **alert("numb")},
        ),
    ],
)
def test_new_loss_of_bladder_or_bowel_or_a_numb_bottom_goes_to_the_er_at_once(
    sign: str, now: dict[str, Any], later: dict[str, Any]
) -> None:
    """The tier stays call doctor now; the alert is told that it has to go by the 911 plan."""
    seen, other = verdict(now), verdict(later)
    assert (seen.tier, other.tier) == ("call_doctor_now", "call_doctor_now")
    assert said(now)[0] == ER_NOW
    assert ER_NOW not in said(later)
    assert [found.er_now for found in seen.signs if found.key == sign] == [True]
    assert not any(found.er_now for found in other.signs)
    assert [entry.er_now for entry in seen.fired][0]


def test_no_other_message_stands_before_the_er() -> None:
    assert said({"bladder": "leak", "site_bleeding": "soaking", "site_streaks": "yes", "rash": "yes"})[0] == ER_NOW


def test_an_examined_loss_goes_nowhere_at_once() -> None:
    known = verdict({"bladder": "leak", **contacted("bladder", ack="evaluated", level="leak")})
    assert [(found.key, found.tier, found.er_now) for found in known.signs] == [("bladder", "watch", False)]


def test_a_sentence_about_an_open_alert_is_its_own() -> None:
    up, still = {"pain_move": 5, **earlier(pain_move=3)}, {"pain_move": 5, **earlier(pain_move=5)}
    assert said({**up, **alert("back_pain_up")}) == ["Call your doctor now. Your back pain went up."]
    assert said({**still, **alert("back_pain_up")}) == [STILL]
    assert said({**still, **alert("back_worse_than_before")}) == [STILL]
    assert said({"pain_move": 10, **alert("back_worse_than_before")}) == [
        "Call your doctor now. Your pain is worse than before your procedure."
    ]


def test_a_gone_sign_is_spoken_of_as_urgently_as_it_is_held() -> None:
    assert said(alert("weak")) == [
        "You told us about a warning sign. Call your doctor now. We have not talked with you yet."
    ]
    assert said(alert("rash")) == ["We still want to talk with you about this. Answer when we call."]
    silent = {"SILENT": True}
    assert said({**silent, **alert("em_breath")})[0].startswith("You told us about an emergency sign.")
    assert said({**silent, **alert("rash")}) == ["Call your doctor now if you have not talked. Then log again."]


def test_a_sentence_is_true_of_what_was_answered() -> None:
    assert "Pills can hide a fever." in said({"fever_feel": "yes", "temp_value": 99.0})[0]
    assert said({"fever_feel": "unsure"}) == ["Take your temp. Call now if it hits 100.4°F (38°C)."]
    held = {"PATIENT": {"blood_thinner_held": True, "thinner_restart_on": "2026-03-09"}}
    late = {"blood_thinner_taken": "no", "HOURS": 47.5, **held}
    assert "It has passed." in said(late)[0]
    assert said({**late, "other_meds_restarted": "yes_not_told"}) == BEFORE_THE_NEXT
    assert said({"blood_thinner_taken": "yes", "HOURS": 20.0, **held}) == BEFORE_THE_NEXT


def test_an_earlier_late_check_does_not_say_that_two_weeks_have_passed() -> None:
    slow = {"pain_move": 5, "HOURS": 300.0}
    assert "Two weeks have passed." in said({**slow, "HOURS": 336.0}, {"late_check_h": 200})[0]
    assert (
        "Your pain should be much less by now. Your doctor should check it."
        in said(slow, {"late_check_h": 200})[0]
    )


def test_a_near_faint_is_watched_only_where_the_clinic_set_it() -> None:
    near = {"em_passed_out": "almost"}
    assert verdict(near).tier == "call_doctor_now"
    watched = judge(*situation(near), None, {"near_faint_tier": "watch"})
    assert (watched.tier, watched.signs[0].tier, watched.nurse_priority) == ("watch", "watch", "P4")
    assert "office hours" in watched.messages[0].text


def test_the_nurse_is_reminded_of_brace_and_bone_medicine() -> None:
    slow = {"pain_move": 5, "HOURS": 400.0}
    hint = "consider brace and bone medicine"
    for record, told in (
        ({}, True),
        ({"brace_prescribed": True, "bone_medicine": True}, False),
        ({"brace_prescribed": True}, True),
        ({"brace_prescribed": False, "bone_medicine": True}, True),
    ):
        assert (hint in verdict({**slow, "PATIENT": record}).fired[0].reason) is told
        early = {**slow, "HOURS": 60.0, "PATIENT": {**record, "intravertebral_cleft": True}}
        assert (hint in verdict(early).fired[0].reason) is told
    assert hint not in verdict({**slow, "HOURS": 60.0}).fired[0].reason
