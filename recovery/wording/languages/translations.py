"""PURE: read a language's file, and find the words for an English sentence while they still fit it.

Each row of a file names the sentence it is for, by id and by a hash of the English (`of`). When the English
changes, the row is stale: the reader gets the English until somebody has written the row anew. `reviewer` and
`date` say which clinician who speaks the language has read the row, and when; empty: nobody yet.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recovery.wording.languages.sentences import sentences, urgent_ids

FOLDER = Path(__file__).parent
# What speaks to the patient, once more for whoever helps: a file per language, {name} for the patient.
HELPERS = "helpers"
# The language that the sentences themselves are in.
WRITTEN_IN = "en"
NAME = "{name}"
# A patient's own fever limit may stand in a sentence in place of the usual one, and a day in place of {date}.
_FEVER = re.compile(r"\d+(?:\.\d+)?°F \(\d+(?:\.\d+)?°C\)")
DAY = "{date}"


@dataclass(frozen=True, slots=True)
class TranslatedSentence:
    """One translated sentence."""

    key: str
    of: str
    text: str
    reviewer: str
    date: str


@dataclass(frozen=True, slots=True)
class Translation:
    """An English sentence in another language. in_review: it is urgent, and no clinician has read it yet."""

    text: str
    in_review: bool


def mark_of(english: str) -> str:
    """Return the hash by which a row knows its sentence."""
    return hashlib.sha256(english.encode()).hexdigest()[:8]


def read(text: str) -> dict[str, TranslatedSentence]:
    """Return the rows of a file by id; ValueError when it is not TOML, KeyError for a malformed row."""
    names = ("of", "text", "reviewer", "date")
    return {
        key: TranslatedSentence(key, *(str(row[name]) for name in names))
        for key, row in tomllib.loads(text).items()
    }


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a file."""
    return tuple(sorted(place.stem for place in FOLDER.glob("*.toml")))


def file_of(language: str) -> Path:
    """Return the place of a language's file; helpers/en and the like for the words of helpers."""
    return FOLDER / f"{language}.toml"


def for_helpers(language: str) -> str:
    """Return the name of the file with a language's words for helpers."""
    return f"{HELPERS}/{language}"


@cache
def rows_of(language: str) -> Mapping[str, TranslatedSentence]:
    """Return the rows of a language's file, or of its words for helpers; KeyError for a language without one."""
    if not file_of(language).exists():
        raise KeyError(language)
    return read(file_of(language).read_text("utf-8"))


def good(rows: Mapping[str, TranslatedSentence]) -> Iterator[tuple[str, str, TranslatedSentence]]:
    """Yield id, English and row of every sentence whose row still fits it."""
    for key, english in sentences().items():
        row = rows.get(key)
        if row and row.text and row.of == mark_of(english):
            yield key, english, row


@cache
def by_english(language: str) -> Mapping[str, Translation]:
    """Return the words by English sentence; a sentence that stands in several rows is in review in all of them."""
    found: dict[str, Translation] = {}
    for key, english, row in good(rows_of(language)):
        before = found.get(plain(english))
        in_review = key in urgent_ids() and not row.reviewer
        found[plain(english)] = Translation(row.text, in_review or bool(before and before.in_review))
    return found


def plain(english: str) -> str:
    return _DAY.sub(DAY, _FEVER.sub("{fever}", english))


def words_for(english: str, language: str, helped: str = "") -> Translation | None:
    """Return the words for a sentence, with the limit and the day that stand in it; None when there are none.

    helped: the patient's first name when a helper reads. Two sentences of the plan may stand together in one text
    (recovery.plan.milestones).
    """
    known = by_english_for_helpers(language) if helped else by_english(language)
    found = known.get(plain(english)) or _of_two(english, known)
    if found is None:
        return None
    text = found.text.replace(NAME, helped)
    if limit := _FEVER.search(english):
        text = _FEVER.sub(limit[0], text)
    if day := _DAY.search(english):
        text = text.replace(DAY, _day(day[1], day[2], day[3], language))
    return Translation(text, found.in_review)


@cache
def by_english_for_helpers(language: str) -> Mapping[str, Translation]:
    """Return the words for helpers by English sentence; what does not speak to the patient is the same for all."""
    ours = by_english(for_helpers(language))
    if language == WRITTEN_IN:
        return {english: Translation(words.text, in_review=False) for english, words in ours.items()}
    return {**by_english(language), **ours}


def _of_two(english: str, known: Mapping[str, Translation]) -> Translation | None:
    """Return the words of "Hold off for now. We will tell you when." together with its reason."""
    held = sentences()["withheld"]
    rest = known.get(english.removeprefix(f"{held} "))
    if rest is None or not english.startswith(held) or held not in known:
        return None
    return Translation(f"{known[held].text} {rest.text}", rest.in_review)


# How a day is written: weekdays from Monday, months from January, and their order.
NAMES_OF_DAYS = {
    "es": (
        ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio")
        + ("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        "{weekday} {day} de {month}",
    )
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)}) ({'|'.join(_MONTHS)}) (\d{{1,2}})\b")


def _day(weekday: str, month: str, day: str, language: str) -> str:
    if language not in NAMES_OF_DAYS:
        return f"{weekday} {month} {day}"
    weekdays, months, order = NAMES_OF_DAYS[language]
    return order.format(weekday=weekdays[_WEEKDAYS.index(weekday)], month=months[_MONTHS.index(month)], day=day)
