"""PURE: what is wrong with a language's file, and which sentences it lacks."""

import re
from collections.abc import Iterator, Mapping

from recovery.wording.languages.sentences import sentences
from recovery.wording.languages.translations import TranslatedSentence, good, mark_of

_NUMBER = re.compile(r"\d+(?:[-.]\d+)*|\{\w+\}")
_LINK = re.compile(r"https?://\S+")
# Names that are the same in every language.
NAMES = ("Tylenol",)
# What must never get lost or be added, as patterns of both languages; each holds in both or in neither.
TERMS = {
    "es": (
        ("call 911", r"call 911", r"llam\w+ al 911"),
        ("the ER", r"\bER\b", r"sala de emergencias"),
        ("the doctor", r"\bdoctor", r"\bmédico"),
        ("the clinic", r"\bclinic\b", r"\bclínica\b"),
        ("today", r"\btoday\b", r"\bhoy\b"),
    )
}
# And what must not in a message of a rule. "By now" and "not sure" are turns of phrase.
RULE_TERMS = {
    "es": (
        ("now", r"(?<!by )\bnow\b", r"\b(ahora|de inmediato)\b"),
        ("no", r"\b(not(?! sure)|no)\b", r"\b(no|ni|nadie|sin)\b"),
    )
}
_OF_RULE = re.compile(r"R\w+-\d+\.")
# Labels and titles are a word or two, with a turn of their own in each language.
_LABEL = re.compile(r"(\.title|=.*|^cards\..*|^note\..*|\.question|\.intro)$")


def missing(rows: Mapping[str, TranslatedSentence]) -> Iterator[str]:
    """Yield the ids of sentences without a row, and of rows whose English has changed (stale)."""
    fit = {key for key, _, _ in good(rows)}
    for key in sentences():
        if key not in fit:
            yield f"{key}: {'stale, its English has changed' if rows.get(key) else 'missing'}"


def problems(language: str, rows: Mapping[str, TranslatedSentence]) -> Iterator[str]:
    """Yield each row that must not be shown as it is, with the reason."""
    said: dict[str, TranslatedSentence] = {}
    for key in rows.keys() - sentences().keys():
        yield f"{language}: {key}: no such sentence"
    for key, english, row in good(rows):
        first = said.setdefault(english, row)
        if first.text != row.text:
            yield f"{language}: {key}: the same English as {first.key}, in other words"
        if bool(row.reviewer) != bool(row.date):
            yield f"{language}: {key}: a reviewer and a date belong together"
        for what in _differences(language, key, english, row.text):
            yield f"{language}: {key}: {what}"


def _differences(language: str, key: str, english: str, text: str) -> Iterator[str]:
    for name, pattern in (("numbers", _NUMBER), ("links", _LINK)):
        if sorted(pattern.findall(english)) != sorted(pattern.findall(text)):
            yield f"other {name} than the English"
    yield from (f"{name} in one language only" for name in NAMES if (name in english) != (name in text))
    if _LABEL.search(key):
        return
    terms = (*TERMS.get(language, ()), *(RULE_TERMS.get(language, ()) if _OF_RULE.match(key) else ()))
    for name, ours, theirs in terms:
        if bool(re.search(ours, english, re.IGNORECASE)) != bool(re.search(theirs, text, re.IGNORECASE)):
            yield f"{name}: in one language only"


def written(rows: Mapping[str, TranslatedSentence], before: str = "") -> str:
    """Return a file's text with a row for every sentence, in the order of the books; a new row is empty.

    before: the file as it is; its first lines, up to an empty one, stay.
    """
    lines = [f"{before.partition(chr(10) * 2)[0]}\n"] if before else []
    for key, english in sentences().items():
        row = rows.get(key) or TranslatedSentence(key, mark_of(english), "", "", "")
        values = (f"{name} = {_quoted(getattr(row, name))}" for name in ("of", "text", "reviewer", "date"))
        lines.append(f"# {english}\n{_quoted(key)} = {{ {', '.join(values)} }}\n")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
