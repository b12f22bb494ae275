"""A person's id on a phone, which does not reveal who they are, and the secrets of their things there."""

import base64
import hashlib

from django.conf import settings
from django.utils.crypto import salted_hmac

from patients.models import User

MARK_LETTERS = 16
STORE_SALT = "kypho.phone.store"


def person_mark(user: User) -> str:
    """Return the person's id on phones; it stays the same after a restore and with a new secret key."""
    return hashlib.sha256(f"{user.pk} {user.date_joined.isoformat()}".encode()).hexdigest()[:MARK_LETTERS]


def first_name(user: User) -> str:
    """Return the name that others who use the same phone see."""
    patient = getattr(user, "patient", None)
    return (patient.first_name if patient else user.first_name) or "Somebody"


def store_secrets(user: User) -> list[str]:
    """Return the secrets that wrap the key of this person's things on a phone: base64 of 32 bytes, newest first.

    They are derived from SECRET_KEY, so no row of them can be lost or read. An earlier secret key opens what it
    closed.
    """
    mark = person_mark(user)
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = (salted_hmac(STORE_SALT, mark, secret=key, algorithm="sha256").digest() for key in keys)
    return [base64.b64encode(secret).decode() for secret in made]
