"""A nurse reads facts: a reason with a value says it, with its unit, since when, and what was before."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.triage.evaluate import judge
from recovery.triage.free_text import found_concepts
from recovery.triage.measured import LINES
from recovery.triage.quotes import MOST_LETTERS, MOST_QUOTES
from recovery.triage.reasons import REASONS
from recovery.triage.rulebook import load_rulebook
from tests.depth import examples
from tests.triage.cases import CASES, alert, contacted, earlier, situation
from tests.triage.strategies import many_situations

FREE_TEXT = load_rulebook().content["free_text"]
# What a writer of rules notes for later: a list of things to say, or a question to a colleague.
PLACEHOLDER = re.compile(
    r"numbers|: (?:value|level|mg|hours|region list)\b|blood thinner\?|can stand\?|Show risk flags|risk flags"
)


def reasons(case: dict[str, Any]) -> dict[str, str]:
    return {fired.id: fired.reason for fired in judge(*situation(case)).fired}


@pytest.mark.parametrize(
    ("case", "rule", "said"),
    [
        (
            {"pain_move": 5, "HISTORY": [(24.0, {"pain_move": 2})]},
            "RDN-17",
            "Pain on moving 2 → 5 since yesterday (before the procedure 8).",
        ),
        (
            {"pain_rest": 6, "PATIENT": {"baseline_pain": None}, **earlier(pain_move=4)},
            "RDN-17",
            "Pain at rest 4 → 6 in 12 h (before the procedure not known).",
        ),
        (
            {"pain_move": 5, "HOURS": 300.0, "HISTORY": [(100.0, {"pain_move": 2}), (72.0, {"pain_move": 4})]},
            "RDN-17",
            "Pain on moving 4 → 5 in 3 days (before the procedure 8). Lowest of the last 7 days: 2.",
        ),
        (
            {"pain_move": 5, **alert("back_pain_up"), **earlier(pain_move=5)},
            "RDN-17",
            "Back pain had gone up and is not down, its alert open for 10 h. "
            "Pain on moving 5 → 5 in 12 h (before the procedure 8).",
        ),
        ({"pain_move": 10}, "RDN-18", "Pain on moving 10 of 10: above the 8 before the procedure."),
        (
            {"back_change": "new_sudden", "PATIENT": {"levels": ["T12"], "hu_low": True}},
            "RDN-16",
            "New sudden back pain: possible new break. Pain on moving 2 of 10 (before the procedure 8). "
            "New-break risk: low HU, T12 or L1 treated.",
        ),
        (
            {"numb": "yes", "numb_where": ["legs", "belly"]},
            "RDN-01",
            "Numb or tingling: legs or feet, belly; start not said.",
        ),
        (
            {"weak": "yes", "weak_where": ["legs"], "weak_stand": "hard", "weak_change": "worse"},
            "RDN-04",
            "Weakness: legs or feet; worse than before the procedure; stands with difficulty.",
        ),
        (
            {"temp_value": 101.3, "temp_unit": "F", "pain_meds": ["acetaminophen"], "apap_total_mg": 500},
            "RDN-14",
            "Fever: 101.3 °F. Pain pills in the last day: acetaminophen. "
            "Pain on moving 2 of 10 (before the procedure 8).",
        ),
        ({"apap_total_mg": 4500}, "RDN-20", "Acetaminophen 4500 mg in a day; the most is 4000 mg."),
        (
            {"fall": "fell_hurt", "fall_head_hit": "yes", "PATIENT": {"blood_thinner_continued": True}},
            "RDN-19",
            "Fell and is hurt and hit the head. Blood thinner: never stopped.",
        ),
        (
            {"site_swelling": "new_or_growing"},
            "RDN-08",
            "Swelling at the needle spot: new or getting bigger, 30 h after the procedure.",
        ),
        ({"pain_site": 4, **earlier(pain_site=1)}, "RDN-13", "Needle spot 1 → 4 in 12 h."),
        (
            {"pain_move": 5, "HOURS": 60.0},
            "RW-01",
            "Not greatly reduced, 60 h after the procedure. Pain on moving 5 of 10 (before the procedure 8).",
        ),
        ({"SILENT": True, "HOURS": 60.0}, "RW-24", "No log for 60 h; the limit is 48 h."),
        ({"em_gate": None, "pain_move": None}, "RW-25", "Not answered: emergency list, pain on moving."),
        (
            {"bladder": "cannot_pee", "weak": "yes"},
            "R911-13",
            "Think cord or cauda equina; MRI now. Can not pass urine; start not said. "
            "Weakness: place not said; start not said; standing not said.",
        ),
    ],
)
def test_it_says_the_value_its_unit_since_when_and_what_was_before(case: dict, rule: str, said: str) -> None:
    assert reasons(case)[rule] == said


def test_no_reason_is_left_with_a_placeholder() -> None:
    """Of every rule, in its own case: no word stands for a value, and nothing is missing or None."""
    book = load_rulebook()
    for rule, hit, _ in CASES:
        told = reasons(hit)[rule]
        assert not PLACEHOLDER.search(told), (rule, told)
        assert "None" not in told
        assert told[0].isupper() or told[0].isdigit()
    left = [r.id for r in (*book.urgent, *book.watch) if not r.reason_from and PLACEHOLDER.search(r.reason)]
    assert left == []


def test_every_reason_can_be_said_in_any_situation() -> None:
    for patient, hours, log, history in [
        *many_situations(seed=41, count=3000),
        *many_situations(seed=42, count=300, silent=True),
    ]:
        for fired in judge(patient, hours, log, history).fired:
            assert fired.reason.strip()
            assert "None" not in fired.reason


def test_a_sign_that_a_nurse_knows_has_no_reason_of_its_own() -> None:
    assert "RDN-17" not in reasons({"pain_move": 5, **contacted("back_pain_up", pain=5), **earlier(pain_move=3)})


NAMES_WORDS = {
    "R911-12": ("my chest hurts when I breathe in", "pain or pressure in the chest"),
    "RDN-25": ("both feet are numb since lunch", "numb"),
    "RDN-29": ("some days I want to die", "self-harm"),
}


@pytest.mark.parametrize("rule", NAMES_WORDS)
@pytest.mark.parametrize("field", ["notes", "question_for_team"])
def test_a_rule_that_heard_words_names_them_as_they_were_written(rule: str, field: str) -> None:
    words, name = NAMES_WORDS[rule]
    told = reasons({field: f"Hello! {words}"})[rule]
    assert f"{words}”" in told
    assert name in told


def test_what_not_now_cleared_is_not_named_again() -> None:
    log = {
        "notes": "my chest hurts. My foot is numb.",
        "notes_confirm": "not_now",
        "notes_asked": ["chest", "heart"],
    }
    told = reasons(log)
    assert "R911-12" not in told
    assert "chest" not in told["RDN-25"].split("“")[0]


@pytest.mark.parametrize(
    ("note", "quoted"),
    [
        ("I can not  breathe\nwell", "“I can not breathe well”"),
        ("\uff43\uff48\uff45\uff53\uff54 PAIN!!", "“\uff43\uff48\uff45\uff53\uff54 PAIN!!”"),
        ("Me falta el aire desde ayer", "“Me falta el aire desde ayer”"),
        ("che\u0301st pain", "“che\u0301st pain”"),
        ("x" * 400 + " chest pain " + "y" * 400, "“…chest pain…”"),
        ("well " * 60 + "chest pain" + " well" * 60, "“…well well well well chest pain well well well well…”"),
    ],
)
def test_a_quote_is_one_short_line_of_the_persons_own_letters(note: str, quoted: str) -> None:
    assert quoted in reasons({"notes": note})["R911-12"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(0, 300))
@settings(max_examples=examples(200), deadline=None, derandomize=True, database=None)
def test_whatever_stands_around_it_a_quote_is_short_and_holds_what_was_heard(around: str, at: int) -> None:
    hits = found_concepts([f"{around[:at]} paralyzed {around[at:]}"], FREE_TEXT, LINES)
    for hit in hits:
        assert 0 < len(hit.quote) <= MOST_LETTERS
        assert "\n" not in hit.quote
    assert all("paralyzed" in hit.quote for hit in hits if hit.words == "paralyzed")


def test_many_words_are_named_up_to_a_bound() -> None:
    note = "I cant breathe. " + "z" * 90 + " chest pain. " + "z" * 90 + " passed out. " + "z" * 90 + " paralyzed. "
    told = reasons({"notes": note})["R911-12"]
    assert told.count("“") == MOST_QUOTES
    assert len(told) < 700


def test_facts_of_before_the_words_were_kept_have_a_reason_all_the_same() -> None:
    for name, kind in (
        ("words_911", "says_911"),
        ("words_doctor_now", "says_doctor_now"),
        ("words_self_harm", "says_self_harm"),
    ):
        assert REASONS[name]({kind: ("chest",)}).endswith("in the note.")
