"""Danger words in the note (DF-33): they may raise a tier, never lower it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032\uff07`\u00b4", "'"))
_SENTENCE_END = re.compile(r"[.!?;\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_WORD = re.compile(r"[\w']+")


def found_phrases(
    note: str | None, phrases: Sequence[str], negations: Sequence[str], window: int
) -> tuple[str, ...]:
    """The listed phrases that stand un-negated in the note, in list order.

    Whole words, any case, straight or curly apostrophe. A hit does not count when one of `negations` is among
    the `window` words before it in the same sentence (split on . ! ? ; and line ends).
    """
    if not note:
        return ()
    plain = note.translate(_APOSTROPHES).lower()
    sentences = _SENTENCE_END.split(plain)
    refusing = frozenset(negations)
    return tuple(
        phrase
        for phrase in phrases
        if _pattern(phrase).search(plain) and any(_stands(phrase, s, refusing, window) for s in sentences)
    )


def _stands(phrase: str, sentence: str, negations: frozenset[str], window: int) -> bool:
    for match in _pattern(phrase).finditer(sentence):
        before = _WORD.findall(sentence[: match.start()])[-window:]
        if not negations.intersection(word.strip("'") for word in before):
            return True
    return False


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(re.escape(word) for word in phrase.split())
    return re.compile(rf"(?<![^\W_]){words}(?![^\W_])")
