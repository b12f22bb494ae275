"""Asks back about a possible but unusual date, far from today, before it is saved.

A page shows the questions with templates/patients/_asked_back.html inside its form. A yes counts only for exactly
what was typed; another date is asked about again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

# Patients are usually enrolled within days of the procedure.
FAR_AGO = timedelta(days=14)
FAR_AHEAD = timedelta(days=180)
# A blood thinner is usually started again within days or a few weeks.
RESTART_AHEAD = timedelta(days=42)


@dataclass(frozen=True)
class Asked:
    """One question: its field, what was typed, the words, and whether the answer was yes."""

    name: str
    label: str
    typed: str
    words: str
    sure: bool


class AsksBack(forms.BaseForm):
    """A form that can ask back; call ask_back from clean()."""

    @property
    def asked(self) -> list[Asked]:
        """The questions, in the order of the form."""
        return list(self.__dict__.get("_asked", ()))

    def ask_back(self, name: str, words: str) -> None:
        """Add an error to the field unless exactly this value was confirmed; empty words ask nothing."""
        if not words:
            return
        typed = _plain(self.data.get(self.add_prefix(name), ""))
        sure = _plain(self.data.get(f"sure_{self.add_prefix(name)}", "")) == typed
        asked = Asked(self.add_prefix(name), str(self.fields[name].label), typed, words, sure)
        self.__dict__.setdefault("_asked", []).append(asked)
        if not sure:
            self.add_error(name, ValidationError(words, code="asked_back"))


def day_in_words(day: date) -> str:
    """Return a date such as Sat Nov 30, 2025, with the year, because that is where people mistype."""
    return f"{day:%a %b} {day.day}, {day.year}"


def long_ago(ended: datetime, now: datetime) -> str:
    """Return the question about a procedure over FAR_AGO ago, else empty text. now: in the form's zone."""
    if now - ended < FAR_AGO:
        return ""
    day = ended.astimezone(now.tzinfo).date()
    return f"{day_in_words(day)}: today would be day {(now.date() - day).days} after the procedure. Is that right?"


def far_ahead(day: date, today: date, most: timedelta = FAR_AHEAD) -> str:
    """Return the question about a day more than `most` ahead, else empty text."""
    if day - today <= most:
        return ""
    return f"{day_in_words(day)} is {(day - today).days} days from today. Is that right?"


def over_already(day: date, today: date) -> str:
    """Return the question about a past day for something that should still come, else empty text."""
    if day >= today:
        return ""
    days = (today - day).days
    return f"{day_in_words(day)} was {days} day{'' if days == 1 else 's'} ago. Is that right?"


def _plain(typed: Any) -> str:
    """Return the text with plain line ends: a browser sends each one as CR and LF."""
    return str(typed).replace("\r\n", "\n").strip()
