"""Danger words in a note."""

import pytest

from recovery.triage.free_text import found_phrases
from recovery.triage.rulebook import load_rulebook

FREE_TEXT = load_rulebook().content["free_text"]


def found(note: str | None) -> tuple[str, ...]:
    phrases = [*FREE_TEXT["phrases_911"], *FREE_TEXT["phrases_doctor_now"]]
    return found_phrases(note, phrases, FREE_TEXT["negations"], FREE_TEXT["negation_window_words"])


@pytest.mark.parametrize(
    ("note", "phrase"),
    [
        ("I have CHEST PAIN", "chest pain"),
        ("I can\u2019t breathe", "can't breathe"),
        ("I can't move my leg", "can't move my leg"),
        ("short   of\tbreath", "short of breath"),
        ("chest-pain all day", "chest pain"),
        ("'numb'", "numb"),
        ("No sleep. Chills though", "chills"),
        ("no; fever", "fever"),
        ("no\nfever", "fever"),
        ("no change at all today, some fever", "fever"),
        ("No fever. Later fever again", "fever"),
        ("my leg is weak", "leg is weak"),
        ("p\u00fas und pus", "pus"),
    ],
)
def test_a_phrase_that_stands_is_found(note: str, phrase: str) -> None:
    assert phrase in found(note)


@pytest.mark.parametrize(
    "note",
    [
        None,
        "",
        "the number to push",
        "feverish? No: numbness",
        "No chest pain",
        "I don't have any chest pain",
        "I don\u2019t really have fever",
        "never had one single chill, no chills",
        "denies fever",
        "chest. Pain in the foot",
        "short of\nbreath",
        "cannot really breathe",
    ],
)
def test_a_part_of_a_word_a_negated_phrase_and_two_sentences_are_not(note: str | None) -> None:
    assert found(note) == ()


def test_a_negation_reaches_four_words_and_not_five() -> None:
    assert found("no one two three fever") == ()
    assert found("no one two three four fever") == ("fever",)


def test_the_hits_come_in_list_order() -> None:
    assert found("pus, fever, chest pain") == ("chest pain", "pus", "fever")
