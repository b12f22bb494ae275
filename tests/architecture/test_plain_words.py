"""What patients read is easy: English by our own reading grade, Spanish by INFLESZ, and spelled right."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import textstat
from spylls.hunspell import Dictionary

from alerts.messaging.spanish import ANSWERS
from recovery.triage.reading_grade import reading_grade
from recovery.wording.languages.sentences import sentences
from recovery.wording.languages.translations import for_helpers, good, rows_of
from tests.architecture.test_words import pairs
from tests.dictionary import NOT_FOUND, SPANISH, has_spanish

# Of INFLESZ: 55 to 65 is normal, 65 to 80 quite easy, as a magazine of gossip is.
EASY = 65
MAX_GRADE = 6
# A label of a few words has no grade that means anything: one long word is all of it.
SENTENCE = 6
OWN_WORDS = Path(__file__).parents[1] / "spanish_words.txt"
BLANK = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
MARKUP = re.compile(r"<[^>]*>|&\w+;")
# Names have no plainer word. Each counts as one short word, as those of drugs do.
NAMES = re.compile(r"Kypho Recovery|Kyphoplasty", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+(?:’[^\W\d_]+)?")


def read_aloud(text: str, *, blank: str = "Ana") -> str:
    """The text as somebody reads it: a short name in each blank, and no markup."""
    return MARKUP.sub(" ", BLANK.sub(blank, text)).strip()


def own_words(text: str) -> int:
    return len(WORD.findall(MARKUP.sub(" ", BLANK.sub(" ", text))))


def spanish() -> Iterator[str]:
    """Everything that patients and helpers read in Spanish: books, answers to their texts, and pages."""
    yield from (row.text for name in ("es", for_helpers("es")) for _, _, row in good(rows_of(name)))
    yield from ANSWERS.values()
    yield from (words for _, words in pairs("es"))


def to_helpers() -> set[str]:
    """What helpers read in English where a sentence speaks to the patient."""
    return {row.text for key, _, row in good(rows_of(for_helpers("en"))) if not key.endswith(".title")}


def grade(text: str) -> float:
    return reading_grade(NAMES.sub("Ann", read_aloud(text, blank="Ann")))


def ease(text: str) -> float:
    textstat.set_lang("es")
    return float(textstat.szigriszt_pazos(read_aloud(text)))


def hard(texts: set[str], is_hard: Callable[[str], bool]) -> list[str]:
    return sorted(text for text in texts if own_words(text) >= SENTENCE and is_hard(text))


def test_every_english_sentence_is_plain() -> None:
    told = {text for key, text in sentences().items() if not key.endswith(".title")}
    texts = {english for english, _ in pairs("es")} | told | to_helpers()
    assert hard(texts, lambda text: grade(text) > MAX_GRADE) == []


def test_every_spanish_sentence_is_plain() -> None:
    assert hard(set(spanish()), lambda text: ease(text) < EASY) == []


@pytest.mark.parametrize(
    ("text", "is_easy"),
    [
        ("Llame a su médico ahora. Si nadie le llama pronto, vaya a la sala de emergencias.", True),
        ("Comuníquese inmediatamente con el facultativo responsable de su intervención quirúrgica.", False),
    ],
)
def test_how_easy_a_text_is_follows_its_words(text: str, is_easy: bool) -> None:
    assert (ease(text) >= EASY) is is_easy


def misspelt(texts: set[str], known: frozenset[str]) -> list[str]:
    speller = Dictionary.from_files(str(SPANISH.with_suffix("")))
    words = {word for text in texts for word in WORD.findall(MARKUP.sub(" ", BLANK.sub(" ", text)))}
    return sorted(
        word
        for word in words
        if word.lower() not in known and not speller.lookup(word) and not speller.lookup(word.lower())
    )


def our_words() -> frozenset[str]:
    lines = OWN_WORDS.read_text("utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


@pytest.mark.skipif(not has_spanish(), reason=NOT_FOUND)
@pytest.mark.slow
def test_every_spanish_word_is_spelled_right() -> None:
    assert misspelt(set(spanish()), our_words()) == []
    assert misspelt({"Llame a su medco ahora."}, our_words()) == ["medco"]


def test_our_list_of_words_holds_only_what_is_said() -> None:
    said = {word.lower() for text in spanish() for word in WORD.findall(text)}
    assert our_words() - said == set()
