"""PURE: what is wrong with a language's file, and which sentences it lacks."""

import re
from collections.abc import Iterator, Mapping

from recovery.wording.languages.sentences import sentences
from recovery.wording.languages.translations import HELPERS, NAME, TranslatedSentence, good, mark_of

_NUMBER = re.compile(r"\d+(?:[-.]\d+)*|\{\w+\}")
_LINK = re.compile(r"https?://\S+")
# Names that are the same in every language.
NAMES = ("Tylenol",)
Terms = dict[str, tuple[tuple[str, str, str], ...]]
# What must never get lost or be added, as patterns of both languages; each holds in both or in neither.
TERMS: Terms = {
    "es": (
        ("call 911", r"call 911", r"llam\w+ al 911"),
        ("the ER", r"\bER\b", r"sala de emergencias"),
        ("the doctor", r"\bdoctor", r"\bmédico"),
        ("the clinic", r"\bclinic\b", r"\bclínica\b"),
        ("today", r"\btoday\b", r"\bhoy\b"),
    )
}
# And what must not in a message of a rule. "By now" and "not sure" are turns of phrase.
RULE_TERMS: Terms = {
    "es": (
        ("now", r"(?<!by )\bnow\b", r"\b(ahora|de inmediato)\b"),
        ("no", r"\b(not(?! sure)|no)\b", r"\b(no|ni|nadie|sin)\b"),
    )
}
# Words for helpers in English keep the same terms as the sentence they stand for.
for _terms in (TERMS, RULE_TERMS):
    _terms["en"] = tuple((name, ours, ours) for name, ours, _ in _terms["es"])
# What speaks to the patient, or as the patient: no sentence for helpers may. "Su" is "your" and "their" alike.
TO_THE_PATIENT = {
    "en": re.compile(r"\b(you|your|yours|yourself|i|my|me|mine|myself)\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(usted|ustedes|su|sus|suyo|suya|yo|mi|mis|me|mío|mía|tengo|siento|necesito)\b", re.IGNORECASE
    ),
}
# These speak to the helper, or of who answers.
_TO_THE_HELPER = re.compile(r"CARD-HELPER-|logged_by=")
_OF_RULE = re.compile(r"R\w+-\d+\.")
# Labels and titles are a word or two, with a turn of their own in each language.
_LABEL = re.compile(r"(\.title|=.*|^cards\..*|^note\..*|\.question|\.intro)$")


def speaks_to_the_patient(key: str, english: str) -> bool:
    """Return whether a sentence says "you" or "I" and means the patient, so that a helper needs other words."""
    return not _TO_THE_HELPER.match(key) and bool(TO_THE_PATIENT["en"].search(english))


def missing_for_helpers(rows: Mapping[str, TranslatedSentence]) -> Iterator[str]:
    """Yield the ids of sentences that speak to the patient and have no row for helpers, or a stale one."""
    fit = {key for key, _, _ in good(rows)}
    yield from (key for key, text in sentences().items() if speaks_to_the_patient(key, text) and key not in fit)


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
        for what in _differences(language.rpartition("/")[2], key, english, row.text.replace(NAME, "")):
            yield f"{language}: {key}: {what}"
        if language.startswith(HELPERS) and TO_THE_PATIENT[language.rpartition("/")[2]].search(row.text):
            yield f"{language}: {key}: speaks to the patient"


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


def written(rows: Mapping[str, TranslatedSentence], before: str = "", *, helpers: bool = False) -> str:
    """Return a file's text with a row for every sentence, in the order of the books; a new row is empty.

    before: the file as it is; its first lines, up to an empty one, stay. helpers: only what
    helpers need other words for, and what has some.
    """
    lines = [f"{before.partition(chr(10) * 2)[0]}\n"] if before else []
    for key, english in sentences().items():
        if helpers and key not in rows and not speaks_to_the_patient(key, english):
            continue
        row = rows.get(key) or TranslatedSentence(key, mark_of(english), "", "", "")
        values = (f"{name} = {_quoted(getattr(row, name))}" for name in ("of", "text", "reviewer", "date"))
        lines.append(f"# {english}\n{_quoted(key)} = {{ {', '.join(values)} }}\n")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
