"""The sentences of the rule book, the plan and the cards in the language of whoever reads now.

They speak to the patient; when a helper reads (helped: the patient's first name, else ""), of the patient.
"""

from django.utils.translation import get_language

from patients.values.languages import ENGLISH
from recovery.wording.languages.translations import Translation, words_for

NONE_YET = Translation("", in_review=False)


def said(english: str, helped: str = "") -> str:
    """Return a sentence in the active language alone, without marks; in English when it has no words there."""
    found = in_language(english, helped)
    return found.text if found and found.text else in_english(english, helped)


def in_english(english: str, helped: str = "") -> str:
    """Return the English sentence as this reader gets it."""
    found = words_for(str(english), ENGLISH, helped) if helped else None
    return found.text if found else str(english)


def in_language(english: str, helped: str = "") -> Translation | None:
    """Return the words in the active language; None when it is English, empty words when there are none."""
    language = (get_language() or ENGLISH)[:2]
    if language == ENGLISH or not english:
        return None
    return words_for(str(english), language, helped) or NONE_YET
