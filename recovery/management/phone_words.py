"""Write a language for the phone: one JavaScript module with what its scripts and its rule book say."""

import json

from django.utils.translation import gettext, override

from recovery.phone.script_words import SAID_BY_SCRIPTS
from recovery.triage.rulebook.files import read_content
from recovery.wording.languages.sentences import of_rules
from recovery.wording.languages.translations import by_english, plain

HEAD = """\
// Written by `bin/manage check_rules --write-js` from {language}.toml and locale/{language}/.
"""
# Titles, answers and the like stand on the page already, in its language.
ON_THE_PAGE = (".title", ".intro", ".sign")


def words_module(language: str) -> str:
    """Return the text of static/js/words_LANGUAGE.js; the same sentences always give the same text."""
    known = by_english(language)
    told = (text for key, text in of_rules(read_content()) if "=" not in key and not key.endswith(ON_THE_PAGE))
    found = {text: known[text] for text in map(plain, told) if text in known}
    with override(language):
        words = {text: gettext(text) for text in SAID_BY_SCRIPTS} | {
            text: plain(words.text) for text, words in found.items()
        }
        in_review = gettext("(translation in review)")
    review = [text for text, words in found.items() if words.in_review]
    body = json.dumps({"words": words, "review": review, "inReview": in_review}, ensure_ascii=False, indent=0)
    return f"{HEAD.format(language=language)}export const words = {body};\n"
