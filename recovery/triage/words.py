"""Split a note into plain words: fold it, cut it, and note how strongly each word is separated from the last.

The phone's copy is static/js/free_text.js. Every character except a to z and digits ends a word, so that neither
needs a table of letters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# How a word is separated from the one before it.
TOGETHER, COMMA, LINE, SENTENCE = range(4)

_APOSTROPHES = "'\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032\u2035\uff07`\u00b4"
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_LEFT_OUT = re.compile(f"[{_APOSTROPHES}{_UNSEEN}]")
_MARKS = re.compile("[\u0300-\u036f]")
# A number with decimals is one word, and so are numbers with a slash or colon, which are not temperatures.
_WORD = re.compile(r"[0-9]+(?:[.,][0-9]{1,2}(?![0-9])|(?:[/:][0-9]+)+)?|[a-z]+")
_SENTENCE_END = re.compile("[.!?;\u3002\u00a1\u00bf]")
_LINE_END = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# A comma, a dash that stands alone, or a character that is not a letter here, such as an emoji.
_PAUSE = re.compile("[,()\u2012-\u2015\u2022]|(?:^|[\t ])-+[\t ]|[^\x00-\xff\u2010\u2011]")
# Any visible character.
_ANYTHING = re.compile("[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Words:
    """`said[n]` is a word; `apart[n]` is how it is separated from the word before: TOGETHER to SENTENCE.

    `at[n]`: its start and end in the folded text.
    """

    said: tuple[str, ...]
    apart: tuple[int, ...]
    at: tuple[tuple[int, int], ...]


def fold(text: str) -> str:
    """Return the text without case, accents, apostrophes, full-width letters and invisible characters."""
    plain = unicodedata.normalize("NFKD", _LEFT_OUT.sub("", text))
    return _LEFT_OUT.sub("", _MARKS.sub("", plain)).translate(_UPPER)


def says_anything(text: str | None) -> bool:
    """Return whether the text has anything to read."""
    return bool(text) and _ANYTHING.search(_LEFT_OUT.sub("", str(text))) is not None


def words_of(text: str) -> Words:
    """Return the words of a text of any length, in linear time."""
    plain = fold(text)
    said, apart, at = [], [], []
    end = 0
    for found in _WORD.finditer(plain):
        said.append(found[0].replace(",", "."))
        apart.append(_apart(plain[end : found.start()]) if said[1:] else SENTENCE)
        at.append(found.span())
        end = found.end()
    return Words(tuple(said), tuple(apart), tuple(at))


def _apart(between: str) -> int:
    if _SENTENCE_END.search(between):
        return SENTENCE
    if _LINE_END.search(between):
        return LINE
    return COMMA if _PAUSE.search(between) else TOGETHER
