"""Keys of phones: each lets one phone write urgent logs of one person for 90 days with nobody signed in."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from patients.models import Caregiver, Patient, User
from patients.vault.phone_seal import read_point
from recovery.models import PhoneKey

LIVES = timedelta(days=90)
# Somebody who clears their browser each day makes a new one each day: the oldest end then.
MOST_LIVE = 10
LABEL_LETTERS = 60


def live(now: datetime) -> QuerySet[PhoneKey]:
    """Keys that may write: not ended, not run out, of somebody who may still sign in."""
    return PhoneKey.objects.filter(ended_at__isnull=True, expires_at__gt=now, user__is_active=True)


def register(user: User, public_key: str, label: str, now: datetime) -> PhoneKey:
    """The same key again is the same row; raises ValueError for what is no key."""
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
    """Take one of these away from its phone, once; None when it is none of them."""
    key = keys.filter(code=code).select_related("user").first()
    if key is not None:
        PhoneKey.objects.filter(pk=key.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by)
    return key


def of_user(user: User, now: datetime) -> QuerySet[PhoneKey]:
    """One's own live keys, newest first."""
    return live(now).filter(user=user).select_related("user").order_by("-made_at", "-pk")


def of_patient(patient: Patient, now: datetime) -> QuerySet[PhoneKey]:
    """The live keys that may write about this patient: their own, and those of all who help or helped them."""
    helpers = Caregiver.objects.filter(patient=patient).values("user_id")
    own = Q(user_id=patient.user_id) if patient.user_id else Q(pk__in=[])
    return live(now).filter(own | Q(user_id__in=helpers)).select_related("user").order_by("-made_at", "-pk")
