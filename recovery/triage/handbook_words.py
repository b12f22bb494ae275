"""The danger words as a clinician reads them: which words find each concept, and which deny or calm it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.triage.shapes import Rulebook

Row = Mapping[str, Any]
# For each kind of concept: its name, and the reason of the rule that uses it.
_KINDS = {
    CALL_911: ("911", "words_911"),
    CALL_DOCTOR_NOW: ("Doctor now", "words_doctor_now"),
    "self_harm": ("Self-harm", "words_self_harm"),
}
_MARKS = {
    "denial": "Denies",
    "denial_list": "Denies a whole list, over commas",
    "no_denial": "Looks like a denial and is none",
    "end": "Ends a denial and a calm remark",
    "turn": "Ends a denial: somebody is said to have it",
    "joins": "Lets a denial go on over a comma",
    "denied_after": "Denies what stands right before it",
    "until": "Right after a sign: no denial holds",
    "about": "Calm: if, quotes, what to watch for",
    "worry": "Calm: a question about a sign, unless it is one's own",
    "claim": "Ends such a calm remark: said of oneself",
    "owned": "Ends such a question: one's own sign",
    "mask": "Another meaning",
    "past_before": "Calm: over (before the sign)",
    "past_after": "Calm: over (after the sign)",
    "now": "Not over",
    "back": "There again",
    "someone": "Calm: somebody else, or an animal",
    "relative": "Somebody else only when set apart",
    "apart": "Sets somebody apart",
    "me": "Of oneself after all",
}
_HOW = """## Words of danger in a note

Looked for in `notes` and `question_for_team`. Text is folded first: no capitals, accents, apostrophes,
invisible letters; dashes and line ends inside a sentence do not matter. `numb` is that word, `tingl*` any
word that begins so, `@leg` any word of the list *leg*, `a / b` either, `~3` up to three words between (a
comma counts as one), `x?` may be left out, `$` the sentence ends here, `%` one letter wrong, missing or too
many, `#fever` a number at or above the fever line. A denial counts when it is one of the {window} words
before the sign; the words of other signs between are not counted. Line and sentence ends end it, and a comma
unless "or" follows. The past, a question, another person and another meaning leave a sign alone, but never
self-harm, which only a denial clears."""


def words_of_danger(rulebook: Rulebook) -> Iterator[str]:
    """Return the parts of docs/rules.md about the words in a note, as Markdown."""
    free_text = rulebook.content["free_text"]
    rules = {rule.reason_from: rule.id for rule in rulebook.urgent}
    kinds = {kind: f"{words} ({rules[reason]})" for kind, (words, reason) in _KINDS.items()}
    yield _HOW.format(window=free_text["negation_window_words"])
    for language in free_text["languages"]:
        yield from _language(language, free_text["concepts"], kinds)


def _language(language: Row, concepts: Sequence[Row], kinds: Mapping[str, str]) -> Iterator[str]:
    name = language["language"]
    state = (
        "reviewed by a clinician who speaks it"
        if language["reviewed"]
        else "NOT yet reviewed: its words only raise"
    )
    yield f"### {name} ({state})"
    rows = []
    for concept in concepts:
        patterns = language["concepts"].get(concept["key"], [])
        helper = language["by_helper"].get(concept["key"], [])
        said = _patterns(patterns) + (f"; said by a helper: {_patterns(helper)}" if helper else "")
        rows.append((f"{concept['name']} (`{concept['key']}`)", kinds[concept["tier"]], said))
    yield _table(("Sign", "Tier", "Found by"), rows)
    yield _table(
        ("What it does", "Words"), [(_MARKS[kind], _patterns(p)) for kind, p in language["marks"].items()]
    )
    lists = [(f"`@{key}`", ", ".join(words)) for key, words in language["lists"].items()]
    yield _table(("List", "Words"), [*lists, ("nothing reaches over", ", ".join(language["stops"]))])


def _patterns(patterns: Sequence[str]) -> str:
    return "; ".join(written.replace("|", " / ").replace("*", "\\*") for written in patterns)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
