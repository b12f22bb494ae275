"""In which language a person reads."""

from patients.models import User
from patients.values.languages import ENGLISH


def language_of(user: User | None) -> str:
    """Return the language in which to write to a person; English until they chose one."""
    return (user.language if user else "") or ENGLISH
