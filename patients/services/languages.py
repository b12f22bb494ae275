"""A person's language: of their pages, and of all messages to them."""

from patients.models import User


def keep_language(user: User, language: str) -> None:
    """Store a language of patients.values.languages for a patient or helper."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language
