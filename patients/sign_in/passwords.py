"""Passwords that would be guessed soon are refused: lists of stolen ones, names, dates, keys in a row. Offline."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

# 10 ** 10 guesses: what a stolen table of slow hashes withstands (zxcvbn's "very unguessable").
SAFE_SCORE = 4
# More letters make no password weaker, and take longer to look at.
LOOKED_AT = 72
OURS = ("kypho", "kyphoplasty", "recovery", "spine", "clinic", "nurse", "doctor", "hospital", "patient")
WEAK = (
    "This password would be guessed soon: it is, or is made of, one that was stolen elsewhere, a name, a date or"
    " keys in a row. Take four or more words that have nothing to do with each other."
)


class HardToGuess:
    """A validator of AUTH_PASSWORD_VALIDATORS; only staff have passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError in words that say what to take instead."""
        if zxcvbn(password[:LOOKED_AT], [*OURS, *_about(user)])["score"] < SAFE_SCORE:
            raise ValidationError(WEAK, code="weak")

    def get_help_text(self) -> str:
        """Beside the field."""
        return "Four or more words that have nothing to do with each other are good, and easy to keep."


def _about(user: Any) -> list[str]:
    """What a guesser would try first for this person."""
    said = (getattr(user, name, "") or "" for name in ("first_name", "last_name", "email"))
    return [word for text in said for word in re.split(r"\W+", text) if len(word) > 1]
