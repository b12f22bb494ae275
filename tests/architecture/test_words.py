"""The words of the pages in other languages: compiled as they are written, complete, and with the same blanks."""

import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from patients.values.languages import CODES, ENGLISH
from recovery.phone.call_words import VOICES
from recovery.wording.languages import check
from recovery.wording.languages.translations import NAMES_OF_DAYS, languages

LOCALE = Path(__file__).resolve().parents[2] / "locale"
OTHERS = [code for code in CODES if code != ENGLISH]
BLANK = re.compile(r"%\(\w+\)[sd]|\{\w*\}|https?://\S+|\d+")
# Markup keeps its places for scripts, its links and its classes.
MARKUP = re.compile(r"<[^>]*>")
# Names that are the same in every language.
NAME = re.compile(r"Kypho Recovery|Tylenol|STOP|START|PMMA|PIN|iPhone|iPad|Wi-Fi|https")


def written(language: str) -> list[Message]:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as source:
        return [message for message in read_po(source) if message.id]


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each English form with its words; the last English form stands for all further ones."""
    for message in written(language):
        ours = [message.id] if isinstance(message.id, str) else list(message.id)
        theirs = [message.string] if isinstance(message.string, str) else list(message.string)
        for place, words in enumerate(theirs):
            yield ours[min(place, len(ours) - 1)], words


def test_each_language_of_a_person_has_its_words_for_pages_and_for_what_the_books_say() -> None:
    assert sorted(OTHERS) == sorted(place.name for place in LOCALE.iterdir()) == sorted(languages())


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_all_that_the_checklist_names(language: str) -> None:
    """CONTRIBUTING.md, "A language": what only one language would miss in the middle of a page or a call."""
    scripts = (LOCALE.parent / "static" / "js" / "words.js").read_text("utf-8")
    assert f'{language}: () => import("./words_{language}.js")' in scripts
    assert (LOCALE.parent / "static" / "js" / f"words_{language}.js").exists()
    assert {language} <= check.TERMS.keys() & check.RULE_TERMS.keys() & NAMES_OF_DAYS.keys() & VOICES.keys()


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    folder = LOCALE / language / "LC_MESSAGES"
    made = io.BytesIO()
    with (folder / "django.po").open("rb") as source:
        write_mo(made, read_po(source))
    made.seek(0)
    kept = (folder / "django.mo").read_bytes()
    fresh = gettext.GNUTranslations(made)._catalog  # type: ignore[attr-defined]
    assert gettext.GNUTranslations(io.BytesIO(kept))._catalog == fresh, "run bin/words compile"  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_that_was_found_is_translated(language: str) -> None:
    assert [english for english, words in pairs(language) if not words.strip()] == []
    assert [message.id for message in written(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("same", [BLANK, MARKUP, NAME], ids=["numbers, links and blanks", "markup", "names"])
def test_what_is_the_same_in_every_language_is(language: str, same: re.Pattern[str]) -> None:
    other = [
        (english, words)
        for english, words in pairs(language)
        if sorted(set(same.findall(english))) != sorted(set(same.findall(words)))
    ]
    assert other == []
