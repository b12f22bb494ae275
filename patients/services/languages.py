"""A person's language: of their pages, and of all messages to them."""

from patients.models import User
from patients.values.languages import ENGLISH


def language_of(user: User | None) -> str:
    """Return the language in which to write to a person; English until they chose one."""
    return (user.language if user else "") or ENGLISH


def keep_language(user: User, language: str) -> None:
    """Store a language of patients.values.languages for a patient or helper."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language
