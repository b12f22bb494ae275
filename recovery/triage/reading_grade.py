"""Flesch-Kincaid reading grade of a patient message; the texts must have grade 6 or lower."""

from __future__ import annotations

import re

# The name of a drug counts as one syllable, because it stands on the box and has no shorter word.
ALLOWED_WORDS = frozenset({"acetaminophen", "aspirin", "ibuprofen", "naproxen", "tylenol"})

_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
_WORD = re.compile(r"[A-Za-z']+|\d[\d.,]*")
_VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(text: str) -> float:
    """Return the school grade: 0.39 words/sentence + 11.8 syllables/word - 15.59; a number is one syllable."""
    words = _WORD.findall(text)
    sentences = max(1, len([part for part in _SENTENCE.split(text) if part.strip()]))
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * syllables / max(1, len(words)) - 15.59


def _syllables(word: str) -> int:
    bare = word.lower().strip("'")
    if bare in ALLOWED_WORDS or not bare.isalpha():
        return 1
    count = len(_VOWELS.findall(bare))
    silent_e = bare.endswith("e") and not bare.endswith(("le", "ee", "ye"))
    silent_ed = bare.endswith("ed") and not bare.endswith(("ted", "ded"))
    return max(1, count - (silent_e or silent_ed))
