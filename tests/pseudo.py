"""A language for development alone: English made 40 % longer, in the place of Spanish. Nobody is ever offered it.

A translation may be as long. What is cut off, or wider than the smallest phone, shows before it is translated.
"""

import json
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.translation import trans_real
from playwright.sync_api import Page, Route

from recovery.phone.script_words import SAID_BY_SCRIPTS
from recovery.wording.languages import translations
from recovery.wording.languages.sentences import sentences, urgent_ids
from recovery.wording.languages.translations import Translation, plain
from tests.architecture.test_words import written

CODE = "es"
LONGER = 1.4
# Blanks, markup, links and the letters of a date's format stay as they are.
KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>|&\w+;|https?://\S+)")
FORMAT = re.compile(r"[A-Za-z](?:[ :,.]*[A-Za-z])*")
VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)


def longer(text: str) -> str:
    """The text with doubled letters: vowels first, then others, until it is 40 % longer; its blanks stay."""
    if FORMAT.fullmatch(text) and max(map(len, re.split(r"[ :,.]+", text))) == 1:
        return text
    parts = KEPT.split(text)
    parts[::2] = [_doubled(part) for part in parts[::2]]
    return "".join(parts)


def _doubled(part: str) -> str:
    wanted = round(len(part.strip()) * (LONGER - 1))
    letters = [place for place, letter in enumerate(part) if letter.isascii() and letter.isalpha()]
    vowels = [place for place in letters if VOWEL.match(part[place])]
    rest = [place for place in letters if place not in vowels]
    twice = set((vowels + rest)[:wanted])
    return "".join(letter * 2 if place in twice else letter for place, letter in enumerate(part))


class _Catalog:
    """Django's catalog of a language, with our own sentences made longer."""

    def __init__(self, real: Any) -> None:
        self.real = real
        found = [(one.id,) if isinstance(one.id, str) else tuple(one.id) for one in written(CODE)]
        self.ours = {text: longer(text) for texts in found for text in texts}
        self.many = {texts[0]: longer(texts[-1]) for texts in found}

    def get(self, key: str, default: Any = None) -> Any:
        return self.ours.get(key) or self.real.get(key, default)

    def plural(self, msgid: str, num: int) -> Any:
        words = self.ours if num == 1 else self.many
        return words.get(msgid) or self.real.plural(msgid, num)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def speak(patch: pytest.MonkeyPatch) -> None:
    """Whoever reads Spanish reads the long English, until the patch is undone. What was kept is forgotten."""
    found = {
        plain(text): Translation(longer(plain(text)), key in urgent_ids()) for key, text in sentences().items()
    }
    patch.setattr(translations, "by_english", lambda language: found)
    language = trans_real.translation(CODE)
    patch.setattr(language, "_catalog", _Catalog(language._catalog))
    cache.clear()


def speak_in_scripts(page: Page) -> None:
    """The same for what scripts say on a page."""
    words = {text: longer(text) for text in (*SAID_BY_SCRIPTS, *map(plain, sentences().values()))}
    module = {"words": words, "review": [], "inReview": longer("(translation in review)")}

    def answer(route: Route) -> None:
        body = f"export const words = {json.dumps(module)};"
        route.fulfill(status=200, content_type="text/javascript", body=body)

    page.context.route("**/words_es*.js", answer)
