"""Quote the words that a rule found as the person wrote them, for the nurse's reason: one short plain line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recovery.triage.words import fold

# Letters of one quote, letters shown around the words found, and quotes in one reason.
MOST_LETTERS, AROUND, MOST_QUOTES = 120, 24, 3


def quote(text: str, first: int, last: int) -> str:
    """Return the words at these places with a little context.

    first, last: places in the folded text; last is one past the end.
    """
    places = _places(text)
    start, end = places[first], places[last - 1] + 1
    from_, to = max(0, start - AROUND), min(len(text), end + AROUND)
    while 0 < from_ < start and not text[from_ - 1].isspace():
        from_ += 1
    while end < to < len(text) and not text[to].isspace():
        to -= 1
    words = " ".join(text[from_:to].split())
    cut = words[: MOST_LETTERS - 2].rstrip()
    before = "…" if text[:from_].strip() else ""
    after = "…" if cut != words or text[to:].strip() else ""
    return f"{before}{cut}{after}"


def heard(facts: Mapping[str, Any], kind: str) -> str:
    """Return: Wrote: “cant breathe and my chest hurts” (trouble breathing; chest pain).

    kind: the fact with the keys of the concepts. Returns "" for facts stored before words were kept.
    """
    found = [row for row in facts.get("heard_words", ()) if row["concept"] in facts[kind]]
    if not found:
        return ""
    names = "; ".join(row["name"] for row in found)
    return f"Wrote: {_quoted(row['words'] for row in found)} ({names})."


def _quoted(words: Iterable[str]) -> str:
    each = list(dict.fromkeys(words))
    shown = " ".join(f"“{one}”" for one in each[:MOST_QUOTES])
    return f"{shown} …" if len(each) > MOST_QUOTES else shown


def _places(text: str) -> list[int]:
    """Return, for each letter of the folded text, the place of its letter in the original text."""
    return [place for place, letter in enumerate(text) for _ in fold(letter)]
