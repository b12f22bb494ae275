"""Words of danger in what a person wrote: what is found, what denies it, what is calm; folding; speed."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.triage.free_text import FIELDS, found_concepts, written_facts
from recovery.triage.rulebook import load_rulebook
from recovery.triage.words import fold, says_anything, words_of
from tests.triage.known_words import STANDS
from tests.triage.test_parity import words_in_any_order

FREE_TEXT = load_rulebook().content["free_text"]
LINES = (100.4, 38.0)
SLOWEST_SECONDS = 0.5


def found(note: str | None, *, by_helper: bool = False, lines: tuple[float, float] = LINES) -> tuple[str, ...]:
    return tuple(hit.concept for hit in found_concepts([note], FREE_TEXT, lines, by_helper=by_helper))


@pytest.mark.parametrize(("note", "concepts"), STANDS.items())
def test_what_was_read_by_hand_is_heard(note: str, concepts: tuple[str, ...]) -> None:
    assert set(found(note)) == set(concepts)


def test_a_hit_says_which_words_it_heard() -> None:
    hits = found_concepts(["no fever but I can\u2019t really breathe", "my foot is numb"], FREE_TEXT, LINES)
    assert [(hit.concept, hit.words) for hit in hits] == [("breath", "cant really breathe"), ("numb", "numb")]


def test_the_concepts_come_in_the_order_of_the_table_whichever_text_they_are_in() -> None:
    hits = found_concepts(["pus, numb", "chest pain"], FREE_TEXT, LINES)
    assert [hit.concept for hit in hits] == ["chest", "numb", "wound"]


def test_a_typed_temperature_counts_from_the_own_fever_line_on() -> None:
    assert found("temp 100.1") == ()
    assert found("temp 100.1", lines=(100.0, 37.8)) == ("fever",)
    assert found("37,9 C") == ()
    assert found("37,9 C", lines=(100.0, 37.8)) == ("fever",)


def test_to_a_helper_she_is_the_patient_and_nobody_is_somebody_else() -> None:
    note = "my sister has a fever so I stay away from her"
    assert found(note) == ()
    assert found(note, by_helper=True) == ("fever",)
    assert found("she is confused", by_helper=True) == ("hard_to_wake",)
    assert found("I am confused about my pills") == ()


@pytest.mark.parametrize("note", ["sin dolor de pecho", "no tengo fiebre", "la fiebre ya paso"])
def test_a_language_nobody_has_reviewed_only_raises(note: str) -> None:
    assert found(note) != ()
    reviewed = {**FREE_TEXT, "languages": [{**row, "reviewed": True} for row in FREE_TEXT["languages"]]}
    assert found_concepts([note], reviewed, LINES) == ()


def test_not_now_clears_what_was_asked_and_never_self_harm() -> None:
    said = {"notes": "chest pain, fever, I want to die", "notes_confirm": "not_now"}
    asked = written_facts({**said, "notes_asked": ["chest", "self_harm", "of_a_newer_phone"]}, FREE_TEXT, LINES)
    assert (asked["says_911"], asked["says_doctor_now"]) == ((), ("fever",))
    assert asked["says_self_harm"] == ("self_harm",)
    before = written_facts(said, FREE_TEXT, LINES)
    assert (before["says_911"], before["says_doctor_now"], before["says_self_harm"]) == ((), (), ("self_harm",))


@pytest.mark.parametrize("field", FIELDS)
def test_both_texts_are_heard_and_count_as_words_nobody_has_read(field: str) -> None:
    assert written_facts({field: "my leg is numb"}, FREE_TEXT, LINES)["says_doctor_now"] == ("numb",)
    assert written_facts({field: "thank you"}, FREE_TEXT, LINES)["words_written"] is True
    assert written_facts({field: " \u200b\n"}, FREE_TEXT, LINES)["words_written"] is False


def test_a_note_longer_than_its_bound_is_heard_to_its_end() -> None:
    assert found("the walk was nice. " * 200 + "my chest hurts") == ("chest",)


@pytest.mark.slow
def test_a_word_without_end_is_heard_in_little_memory() -> None:
    """Each of its letters left out once: 60,000 letters would be 3.6 GB."""
    word = "".join(chr(97 + (n * n + 7 * n) % 26) for n in range(60_000))
    found("hello")
    tracemalloc.start()
    assert found(f"{word} my chest hurts") == ("chest",)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_are_plain_whatever_is_typed(text: str) -> None:
    words = words_of(text)
    assert all(word.isascii() and word == word.lower() for word in words.said)
    assert len(words.said) == len(words.apart)
    assert says_anything(text) or not words.said


@given(st.sampled_from([note for note, found in STANDS.items() if found]), st.sampled_from(list(STANDS)))
def test_another_sentence_takes_nothing_away(note: str, other: str) -> None:
    assert set(found(note)) <= set(found(f"{note}. {other}"))
    assert set(found(note)) <= set(found(f"{other}. {note}"))


@pytest.mark.slow
def test_hearing_the_longest_texts_takes_a_moment_whatever_is_in_them() -> None:
    worst = ["leg " * 375, "cant not no my leg is numb but ", "no chest pain or " * 90, "x" * 1500, "a'" * 750]
    worst += ["if i get chest pain my neighbor has " * 40, *words_in_any_order(seed=3, count=20)]
    for text in worst:
        found(text)
        # Of this process alone: what else the machine does counts for nothing.
        began = time.process_time()
        found((text * 50)[:1500])
        assert time.process_time() - began < SLOWEST_SECONDS, text[:40]
