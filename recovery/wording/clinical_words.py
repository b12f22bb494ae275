"""The sentences of the rule book, the plan and the cards in the language of whoever reads now."""

from django.utils.translation import get_language

from patients.values.languages import ENGLISH
from recovery.wording.languages.translations import Translation, words_for

NONE_YET = Translation("", in_review=False)


def said(english: str) -> str:
    """Return a sentence in the active language alone, without marks; in English when it has no words there."""
    found = in_language(english)
    return found.text if found and found.text else str(english)


def in_language(english: str) -> Translation | None:
    """Return the words in the active language; None when it is English, empty words when there are none."""
    language = (get_language() or ENGLISH)[:2]
    if language == ENGLISH or not english:
        return None
    return words_for(str(english), language) or NONE_YET
