"""What the scripts of a helper's page say instead of the words that speak to the patient."""

from collections.abc import Mapping
from functools import cache

from django.utils.translation import get_language

from patients.values.languages import ENGLISH
from recovery.triage.rulebook.files import read_content
from recovery.wording.headings import about
from recovery.wording.languages.sentences import of_rules
from recovery.wording.languages.translations import NAME, Translation, by_english, for_helpers, plain

# Titles, answers and signs stand on the page already, in the words of helpers.
ON_THE_PAGE = (".title", ".intro", ".sign")
HEADINGS = ("Call your doctor now", "Go to the ER now")
# The words, whether they are in review, and their English.
Words = tuple[str, bool, str]


def words_of_helpers(helped: str, *, whole: bool) -> dict[str, Words]:
    """Return by the English of a sentence what a script says of the patient, in the active language.

    whole: what the log judges on the phone too, not the headings alone.
    """
    language = (get_language() or ENGLISH)[:2]
    known = _rule_words(language) if whole else {}
    named = {key: (text.replace(NAME, helped), review, own) for key, (text, review, own) in known.items()}
    return named | {heading: (about(heading, helped), False, "") for heading in HEADINGS}


@cache
def _rule_words(language: str) -> Mapping[str, Words]:
    told = [text for key, text in of_rules(read_content()) if "=" not in key and not key.endswith(ON_THE_PAGE)]
    words, own = by_english(for_helpers(language)), by_english(for_helpers(ENGLISH))
    return {key: _of(words[key], own[key], language) for key in map(plain, told) if key in words and key in own}


def _of(words: Translation, own: Translation, language: str) -> Words:
    return words.text, words.in_review and language != ENGLISH, own.text if language != ENGLISH else ""
