"""Who somebody is to a phone: a mark that names nobody, and the secrets that open what the phone keeps of them."""

import base64
import hashlib

from django.conf import settings
from django.utils.crypto import salted_hmac

from patients.models import User

MARK_LETTERS = 16
STORE_SALT = "kypho.phone.store"


def person_mark(user: User) -> str:
    """Of what a copy of the records holds too: after a restore, and with a new secret key, it stays the same."""
    return hashlib.sha256(f"{user.pk} {user.date_joined.isoformat()}".encode()).hexdigest()[:MARK_LETTERS]


def first_name(user: User) -> str:
    """How this person is named to others who use the same phone."""
    patient = getattr(user, "patient", None)
    return (patient.first_name if patient else user.first_name) or "Somebody"


def store_secrets(user: User) -> list[str]:
    """What the key of this person's things on a phone is wrapped by, base64 of 32 bytes each, the newest first.

    Worked out of the secret key, so that no row of it can be lost or read; an older key opens what it closed.
    """
    mark = person_mark(user)
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = (salted_hmac(STORE_SALT, mark, secret=key, algorithm="sha256").digest() for key in keys)
    return [base64.b64encode(secret).decode() for secret in made]
