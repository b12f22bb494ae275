"""In which language a person reads."""

from typing import Any

from patients.models import User
from patients.values.languages import ENGLISH, LANGUAGES, known


def language_of(user: User | None) -> str:
    """Return the language in which to write to a person; English until they chose one."""
    return (user.language if user else "") or ENGLISH


def printed_in(asked: str, reader: User | None = None) -> dict[str, Any]:
    """Return what a page that staff print for a person needs: its language, and those it could be in.

    asked: the language that staff chose; without one, that of the reader.
    """
    own = language_of(reader)
    names = dict(LANGUAGES)
    return {"language": known(asked) or own, "languages": LANGUAGES, "whose": names[own] if reader else ""}
