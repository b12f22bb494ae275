"""PURE: reads search text as words, birth dates in the usual spellings, and phone numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

# More words than a name has; the rest of a pasted text is ignored.
MOST_PARTS = 6
# Fewer digits of a phone would match nearly every patient.
FEWEST_DIGITS = 4
WHOLE_NUMBER = 9
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = (
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})",
    r"(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4}|\d{2})",
    rf"{_NAME}[\s-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<y>\d{{4}})",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?[\s-]*{_NAME},?[\s-]*(?P<y>\d{{4}})",
)
_DATE = [re.compile(rf"(?<![\w]){pattern}(?!\w)", re.IGNORECASE) for pattern in _DATES]
_PHONE = re.compile(r"(?<!\S)(?=\S*[\s().+/-])[+(]?\d[\d\s().+/-]{5,}\d(?!\S)")


@dataclass(frozen=True)
class Part:
    """One part of a search: it matches by birth date, digits of the phone, or a word of name or record number."""

    word: str = ""
    digits: str = ""
    birth_dates: tuple[date, ...] = ()


def read(text: str) -> list[Part]:
    """Return the parts of a search, at most MOST_PARTS; text that is not a date or phone is a word."""
    parts: list[Part] = []
    for pattern in _DATE:
        for match in list(pattern.finditer(text)):
            if days := _birth_dates(match.groupdict()):
                parts.append(Part(word=_one_word(match.group()), birth_dates=days))
                text = text.replace(match.group(), " ")
    for match in list(_PHONE.finditer(text)):
        parts.append(Part(word=_one_word(match.group()), digits=_digits(match.group())))
        text = text.replace(match.group(), " ")
    parts += [_word(word) for word in text.replace(",", " ").split() if any(map(str.isalnum, word))]
    return parts[:MOST_PARTS]


def _word(word: str) -> Part:
    """Return the part for a word; eight digits may be a date, and digits a part of a phone number."""
    digits = _digits(word) if word.isascii() and re.fullmatch(r"\+?\d+", word) else ""
    days = tuple(_eight_digits(word)) if re.fullmatch(r"\d{8}", word) else ()
    return Part(word, digits if len(digits) >= FEWEST_DIGITS else "", days)


def _eight_digits(word: str) -> Iterator[date]:
    """Yield the first date that fits: 03041950 as month, day, year; as day, month, year; or as 19500304."""
    for y, m, d in (
        (word[4:], word[:2], word[2:4]),
        (word[4:], word[2:4], word[:2]),
        (word[:4], word[4:6], word[6:]),
    ):
        if day := _day(int(y), int(m), int(d)):
            yield day
            return


def _birth_dates(found: dict[str, str]) -> tuple[date, ...]:
    """Return the dates meant: month before day, as in the US; day before month only if the other is no date."""
    year, day = found["y"], int(found["d"])
    month = MONTHS.index(found["name"].lower()) + 1 if found.get("name") else int(found["m"])
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    days = [made for y in years if (made := _day(y, month, day) or _day(y, day, month))]
    return tuple(days)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if 1880 <= made.year <= 2100 else None


def _digits(text: str) -> str:
    """Return the digits as E.164 ends: without signs, and for a whole number without leading zeros."""
    digits = re.sub(r"\D", "", text)
    return digits.lstrip("0") if len(digits) >= WHOLE_NUMBER else digits


def _one_word(text: str) -> str:
    """Return the text without spaces, because it may also be a record number."""
    return re.sub(r"\s+", "", text)
