"""Check concepts.toml and the words of each language: every name that a pattern uses must exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recovery.triage.free_text import KINDS, MARKS
from recovery.triage.patterns import NUMBERS
from recovery.triage.problem import Problem

Row = Mapping[str, Any]
LONGEST_WINDOW = 10
_UNIT = re.compile(r"[a-z0-9]+[*%]?", re.ASCII)
_LISTED = re.compile(r"[a-z0-9]+[*%]?|#count", re.ASCII)
_JOINED = re.compile(r"[a-z]+ [a-z]+ = [a-z]+", re.ASCII)


def language_problems(content: Row) -> Iterator[Problem]:
    """Return the problems of concepts.toml and of the language files."""
    free_text = content["free_text"]
    if not 1 <= free_text["negation_window_words"] <= LONGEST_WINDOW:
        yield Problem("concepts.toml", "negation_window_words", f"must be from 1 to {LONGEST_WINDOW}")
    for row in free_text["concepts"]:
        if row["tier"] not in KINDS:
            yield Problem("concepts.toml", row["key"], f"the tier must be one of: {', '.join(KINDS)}")
    keys = {row["key"] for row in free_text["concepts"]}
    for language in free_text["languages"]:
        file = f"{language['language'].lower()}.toml"
        yield from _words(file, language)
        yield from _kinds(file, language, keys)
        for part in ("concepts", "by_helper", "marks"):
            for kind, rows in language[part].items():
                for written in rows:
                    yield from _pattern(file, kind, written, language["lists"])


def _words(file: str, language: Row) -> Iterator[Problem]:
    for name, words in language["lists"].items():
        for word in words:
            if not _LISTED.fullmatch(word):
                yield Problem(file, name, f"{word!r} must be one word in small letters, without accents")
    for pair in language["joined"]:
        if not _JOINED.fullmatch(pair):
            yield Problem(file, "joined", f"{pair!r} must read like: can not = cannot")


def _kinds(file: str, language: Row, keys: set[str]) -> Iterator[Problem]:
    for part in ("concepts", "by_helper"):
        for key in sorted(language[part].keys() - keys):
            yield Problem(file, key, "there is no such concept in concepts.toml")
    for key in sorted(keys - language["concepts"].keys()):
        yield Problem(file, key, f"{language['language']} has no words for this concept")
    for kind in sorted(language["marks"].keys() ^ MARKS):
        yield Problem(file, kind, "is missing" if kind in MARKS else "is no mark that is known")


def _pattern(file: str, kind: str, written: str, lists: Row) -> Iterator[Problem]:
    parts = written.split()
    if not parts or parts[0].startswith("~") or parts[-1].startswith("~") or parts[0].endswith("?"):
        yield Problem(file, kind, f"{written!r} must begin and end with a word")
    for part in parts:
        if part.startswith("~"):
            if not part[1:].isdigit():
                yield Problem(file, kind, f"{written!r}: ~ needs a number")
            continue
        if part == "$":
            continue
        for unit in part.removesuffix("?").split("|"):
            if not (unit in NUMBERS or _UNIT.fullmatch(unit) or unit[:1] == "@" and unit[1:] in lists):
                yield Problem(file, kind, f"{written!r}: {unit!r} is neither a word nor a list")
