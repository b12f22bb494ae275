"""A broken rule book refuses to load and says where; the one we ship is whole and its handbook current."""

import copy
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from patients.tiers import TIERS
from recovery.triage.build import build_rulebook
from recovery.triage.check import problems_of
from recovery.triage.problem import RulebookError
from recovery.triage.reading_grade import reading_grade
from recovery.triage.rulebook import (
    answer_label,
    default_row,
    fallback_minutes,
    load_rulebook,
    sign_label,
    source_row,
    source_title,
)
from recovery.triage.rulebook.files import content_hash, read_content

Change = Callable[[dict[str, Any]], Any]


def rule(content: dict[str, Any], file: str, identifier: str) -> dict[str, Any]:
    return next(row for row in content[file]["rule"] if row["id"] == identifier)


def question(content: dict[str, Any], code: str) -> dict[str, Any]:
    return next(field for group in content["groups"] for field in group["fields"] if field["code"] == code)


def problems(change: Change) -> str:
    """What is said of the rule book after this change."""
    content = copy.deepcopy(dict(read_content()))
    change(content)
    try:
        return "\n".join(str(problem) for problem in problems_of(build_rulebook(content, "changed")))
    except RulebookError as error:
        return str(error)


@pytest.mark.slow
def test_the_rule_book_we_ship_has_no_problem_and_a_current_handbook() -> None:
    out = io.StringIO()
    call_command("check_rules", stdout=out)
    assert "no problems" in out.getvalue()
    assert "Checked 78 rules and 8 notices (each fires, none is shadowed)" in out.getvalue()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda c: rule(c, "call_911", "R911-05").update(when="em_chest_pian == 'yes'"),
            "call_911.toml: R911-05: there is no fact 'em_chest_pian'",
        ),
        (
            lambda c: rule(c, "call_doctor_now", "RDN-09").update(when="site_warmth == 'hot'"),
            "call_doctor_now.toml: RDN-09: 'hot' is not one of: none, warm",
        ),
        (
            lambda c: rule(c, "watch", "RW-05").update(when="back_stiff =="),
            "watch.toml: RW-05: column 14: expected a value",
        ),
        (
            lambda c: rule(c, "latch", "RL-01")["levels"][0].update(when="alert_age > 3"),
            "latch.toml: RL-01: there is no fact 'alert_age'",
        ),
        (
            lambda c: rule(c, "watch", "RW-06").update(id="RW-05"),
            "RW-05: this rule stands 2 times",
        ),
        (
            lambda c: rule(c, "watch", "RW-05").update(sources=["healthwise DN-99"]),
            "watch.toml: RW-05: there is no source 'healthwise DN-99'",
        ),
        (lambda c: rule(c, "watch", "RW-05").update(sources=[]), "watch.toml: RW-05: names no source"),
        (
            lambda c: rule(c, "watch", "RW-06").update(defaults=["DF-99"]),
            "watch.toml: RW-06: there is no default 'DF-99'",
        ),
        (
            lambda c: rule(c, "watch", "RW-05").update(
                message="Immediately communicate deterioration to practitioners."
            ),
            "watch.toml: RW-05: the patient's text reads at grade",
        ),
        (
            lambda c: rule(c, "call_doctor_now", "RDN-22").update(sign="itch"),
            "call_doctor_now.toml: RDN-22: the sign 'itch' is not in signs.toml",
        ),
        (
            lambda c: rule(c, "call_doctor_now", "RDN-22").update(sign="em_breath"),
            "call_doctor_now.toml: RDN-22: the sign 'em_breath' belongs to another tier",
        ),
        (
            lambda c: c["derived"]["fact"].append({"name": "pain", "meaning": "", "is": "pain_move"}),
            "derived.toml: pain: there already is a fact of this name",
        ),
        (
            lambda c: rule(c, "watch", "RW-10").update(
                when="all_recorded('nubm_', numb_where, baseline_symptoms)"
            ),
            "watch.toml: RW-10: 'nubm_belly' is not one of:",
        ),
        (
            lambda c: rule(c, "watch", "RW-13").update(when="temp_value"),
            "watch.toml: RW-13: a condition needs yes or no, not a number",
        ),
        (lambda c: c["watch"].update(tier="call_911"), "watch.toml: tier: must be 'watch', not 'call_911'"),
        (
            lambda c: rule(c, "latch", "RL-01").update(each="alert"),
            "latch.toml: RL-01: each must be one of: open_alert, present_sign",
        ),
        (
            lambda c: rule(c, "latch", "RL-01")["levels"][0].update(tier="urgent"),
            "latch.toml: RL-01: there is no tier 'urgent'",
        ),
        (
            lambda c: c["priorities"]["priority"][0].update(id="P9"),
            "priorities.toml: P9: must be one of: P0, P1, P2, P3, P4",
        ),
        (
            lambda c: rule(c, "watch", "RW-05").update(message=" "),
            "watch.toml: RW-05: says nothing to the patient",
        ),
        (
            lambda c: c["signs"]["sign"].append({"key": "itch", "label": "Itch", "tier": "watch"}),
            "signs.toml: itch: no rule raises this sign",
        ),
        (
            lambda c: c["signs"]["sign"].append(c["signs"]["sign"][0]),
            "signs.toml: em_feels_emergency: this sign stands 2 times",
        ),
        (
            lambda c: c["number_defaults"].update(latch_h="DF-99"),
            "defaults.toml: latch_h: there is no default 'DF-99'",
        ),
        (
            lambda c: c["numbers"].update(low_grade_f=100.4),
            "defaults.toml: low_grade_f: 100.4 must be under fever_threshold_f, 100.4",
        ),
        (
            lambda c: c["numbers"].update(fever_threshold_c=40.0),
            "defaults.toml: fever_threshold_c: 40.0 must be from 37 to 39",
        ),
        (
            lambda c: c["numbers"].update(fever_threshold_c=38.3),
            "defaults.toml: fever_threshold_f: 100.4 F is not fever_threshold_c, 38.3 C",
        ),
        (
            lambda c: c["numbers"].update(apap_caution_mg=4000),
            "defaults.toml: apap_caution_mg: 4000 must be under apap_max_mg, 4000",
        ),
        (
            lambda c: c["missed_log"][1].update(until_h=300),
            "defaults.toml: missed_log 2: until_h 300 must be over 336",
        ),
        (
            lambda c: c["missed_log"][0].pop("until_h"),
            "defaults.toml: missed_log 1: only the last phase has no until_h",
        ),
        (
            lambda c: c["fallback_minutes"].update(bladder=45),
            "defaults.toml: fallback_minutes: bladder: 45 must be from 1 to the default",
        ),
        (
            lambda c: c["free_text"]["languages"][0]["lists"]["leg"].append("L\u00e9g"),
            "english.toml: leg: 'L\u00e9g' must be one word in small letters",
        ),
        (
            lambda c: c["free_text"]["languages"][0]["concepts"]["chest"].append("@chset ~2 hurts"),
            "english.toml: chest: '@chset ~2 hurts': '@chset' is neither a word nor a list",
        ),
        (
            lambda c: c["free_text"]["languages"][1]["concepts"].pop("chest"),
            "spanish.toml: chest: Spanish has no words for this concept",
        ),
        (
            lambda c: c["free_text"]["languages"][1]["marks"].update(denail=["no"]),
            "spanish.toml: denail: is no mark that is known",
        ),
        (
            lambda c: c["free_text"]["concepts"][0].update(tier="watch"),
            "concepts.toml: breath: the tier must be one of: call_911, call_doctor_now, self_harm",
        ),
        (
            lambda c: question(c, "numb").update(default="maybe"),
            "questions.json: numb: the default 'maybe' must be one of: no, yes",
        ),
        (
            lambda c: question(c, "numb_where").update(show_if="numbness = yes"),
            "questions.json: numb_where: show_if asks for 'numbness', which does not exist",
        ),
        (
            lambda c: question(c, "mood").update(sources=["healthwise DN-99"]),
            "questions.json: mood: there is no source 'healthwise DN-99'",
        ),
        (
            lambda c: c["patient"][1].update(type="zoen"),
            "patient.json: time_zone: there is no type 'zoen'",
        ),
        (
            lambda c: [row.update(when="hours > 99999") for row in c["call_911"]["rule"]],
            "rule book: no single answer leads to call_911",
        ),
        (
            lambda c: rule(c, "watch", "RW-05").update(when="hours > 0"),
            "rule book: a log without any complaint is not on track",
        ),
    ],
)
def test_a_broken_rule_book_is_refused_with_file_rule_and_reason(change: Change, told: str) -> None:
    assert told in problems(change)


def test_the_hash_follows_the_words_and_not_the_order_of_keys() -> None:
    content = dict(read_content())
    turned = dict(reversed(content.items()))
    assert content_hash(turned) == load_rulebook().hash
    changed = copy.deepcopy(content)
    changed["on_track"]["message"] += "!"
    assert content_hash(changed) != load_rulebook().hash


def test_reading_grade_counts_sentences_words_and_syllables() -> None:
    assert reading_grade("Call now.") < 1
    assert reading_grade("Communicate deterioration to practitioners immediately.") > 12
    assert reading_grade("Take no more Tylenol today.") < 6


def test_every_statement_default_and_conflict_of_the_documents_is_on_file() -> None:
    sources = read_content()["sources"]
    sizes = [len(sources[part]) for part in ("documents", "rows", "defaults", "conflicts", "open_questions")]
    assert sizes == [5, 215, 48, 27, 8]


def test_the_small_api_of_the_rule_book() -> None:
    assert TIERS == ("on_track", "watch", "call_doctor_now", "call_911")
    assert answer_label("em_breath", "some") == "Yes, some"
    assert sign_label("fever") == "Fever"
    assert sign_label("unknown_sign") == "unknown_sign"
    assert source_title("verywell EX-01") == "Kyphoplasty: Long-Term Care"
    assert source_title("default:DF-01") == "App default, not from the documents"
    row = source_row("healthwise DN-10")
    assert row is not None
    assert row["section"] == "When to call: doctor now"
    assert default_row("default:DF-13")["question"] == "Baseline breath/leg"
    assert fallback_minutes(["fever"]) == 30
    assert fallback_minutes(["fever", "weak"]) == 10
