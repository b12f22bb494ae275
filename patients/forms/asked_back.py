"""A date that may be right and is far from today is said back, and asked about once more before it is saved.

A page shows what is asked with templates/patients/_asked_back.html inside its form. Yes counts for exactly what
was typed: another date is asked about anew.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

# Somebody is enrolled within days of the procedure, as a rule.
FAR_AGO = timedelta(days=14)
FAR_AHEAD = timedelta(days=180)
# A blood thinner is started again within days or a few weeks.
RESTART_AHEAD = timedelta(days=42)


@dataclass(frozen=True)
class Asked:
    """One question: the field, what was typed, the question in words, and whether it was answered with yes."""

    name: str
    label: str
    typed: str
    words: str
    sure: bool


class AsksBack(forms.BaseForm):
    """A form that may ask back; call ask_back from clean()."""

    @property
    def asked(self) -> list[Asked]:
        """What was asked, in the order of the form."""
        return list(self.__dict__.get("_asked", ()))

    def ask_back(self, name: str, words: str) -> None:
        """An error at the field unless exactly this was confirmed; empty words ask nothing."""
        if not words:
            return
        typed = _plain(self.data.get(self.add_prefix(name), ""))
        sure = _plain(self.data.get(f"sure_{self.add_prefix(name)}", "")) == typed
        asked = Asked(self.add_prefix(name), str(self.fields[name].label), typed, words, sure)
        self.__dict__.setdefault("_asked", []).append(asked)
        if not sure:
            self.add_error(name, ValidationError(words, code="asked_back"))


def day_in_words(day: date) -> str:
    """Sat Nov 30, 2025: with the year, where a slip of the keyboard sits."""
    return f"{day:%a %b} {day.day}, {day.year}"


def long_ago(ended: datetime, now: datetime) -> str:
    """The question about a procedure some weeks ago; now is on the clocks on which the form shows its times."""
    if now - ended < FAR_AGO:
        return ""
    day = ended.astimezone(now.tzinfo).date()
    return f"{day_in_words(day)}: today would be day {(now.date() - day).days} after the procedure. Is that right?"


def far_ahead(day: date, today: date, most: timedelta = FAR_AHEAD) -> str:
    """The question about a day far ahead."""
    if day - today <= most:
        return ""
    return f"{day_in_words(day)} is {(day - today).days} days from today. Is that right?"


def over_already(day: date, today: date) -> str:
    """The question about a day that has passed, of something that is still to come."""
    if day >= today:
        return ""
    days = (today - day).days
    return f"{day_in_words(day)} was {days} day{'' if days == 1 else 's'} ago. Is that right?"


def _plain(typed: Any) -> str:
    """A browser sends every line end as two letters."""
    return str(typed).replace("\r\n", "\n").strip()
