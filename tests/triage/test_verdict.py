"""What a verdict tells the patient, the nurse and the alerts."""

import copy
import json
from typing import Any

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
    assert held.sources == ("default:DF-27", "verywell RF-911-02", "healthwise RF-911-07")


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
