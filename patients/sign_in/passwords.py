"""Refuses passwords that are easy to guess (stolen ones, names, dates, keys in a row); checked offline."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

# 10 ** 10 guesses or more, enough even if the slow hashes are stolen (zxcvbn's "very unguessable").
SAFE_SCORE = 4
# More letters do not make a password weaker, and take longer to check.
LOOKED_AT = 72
OURS = ("kypho", "kyphoplasty", "recovery", "spine", "clinic", "nurse", "doctor", "hospital", "patient")
WEAK = (
    "This password would be guessed soon: it is, or is made of, one that was stolen elsewhere, a name, a date or"
    " keys in a row. Take four or more words that have nothing to do with each other."
)


class HardToGuess:
    """A validator for AUTH_PASSWORD_VALIDATORS; only staff have passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a weak password, in words that say what to choose instead."""
        if zxcvbn(password[:LOOKED_AT], [*OURS, *_about(user)])["score"] < SAFE_SCORE:
            raise ValidationError(WEAK, code="weak")

    def get_help_text(self) -> str:
        """Return the help text beside the field."""
        return "Four or more words that have nothing to do with each other are good, and easy to keep."


def _about(user: Any) -> list[str]:
    """Return words that an attacker would try first for this user."""
    said = (getattr(user, name, "") or "" for name in ("first_name", "last_name", "email"))
    return [word for text in said for word in re.split(r"\W+", text) if len(word) > 1]
