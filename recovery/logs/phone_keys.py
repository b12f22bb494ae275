"""Phone keys: each lets one phone send urgent logs of one person for 90 days without a sign-in."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from patients.models import Caregiver, Patient, User
from patients.vault.phone_seal import read_point
from recovery.models import PhoneKey

LIVES = timedelta(days=90)
# A person who clears the browser every day makes a new key every day; the oldest keys are ended.
MOST_LIVE = 10
LABEL_LETTERS = 60


def live(now: datetime) -> QuerySet[PhoneKey]:
    """Return the keys that may still send: not ended, not expired, and of an active account."""
    return PhoneKey.objects.filter(ended_at__isnull=True, expires_at__gt=now, user__is_active=True)


def register(user: User, public_key: str, label: str, now: datetime) -> PhoneKey:
    """Store a phone's public key and return its row; a known key returns the row it has.

    Ends the person's oldest keys above MOST_LIVE. Raises ValueError when public_key is not a valid key.
    """
    read_point(public_key)
    plain = "".join(letter for letter in label if letter.isprintable())[:LABEL_LETTERS]
    times = {"made_at": now, "expires_at": now + LIVES}
    key, created = PhoneKey.objects.get_or_create(
        user=user, public_key=public_key, defaults={"label": plain, **times}
    )
    if created:
        old = live(now).filter(user=user).order_by("-made_at", "-pk").values_list("pk", flat=True)[MOST_LIVE:]
        PhoneKey.objects.filter(pk__in=list(old)).update(ended_at=now, ended_by=user)
    return key


def end(keys: QuerySet[PhoneKey], code: uuid.UUID, by: User, now: datetime) -> PhoneKey | None:
    """End the key with this code and return it; return None when it is not among the given keys."""
    key = keys.filter(code=code).select_related("user").first()
    if key is not None:
        PhoneKey.objects.filter(pk=key.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by)
    return key


def of_user(user: User, now: datetime) -> QuerySet[PhoneKey]:
    """Return the person's own live keys, newest first."""
    return live(now).filter(user=user).select_related("user").order_by("-made_at", "-pk")


def of_patient(patient: Patient, now: datetime) -> QuerySet[PhoneKey]:
    """Return the live keys of this patient and of all their present and former helpers, newest first."""
    helpers = Caregiver.objects.filter(patient=patient).values("user_id")
    own = Q(user_id=patient.user_id) if patient.user_id else Q(pk__in=[])
    return live(now).filter(own | Q(user_id__in=helpers)).select_related("user").order_by("-made_at", "-pk")
