"""Addresses of calendars: made, renewed and ended by their person; an app that knows one reads the plan."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from patients.audit import changed
from patients.models import CalendarFeed, Patient, User
from patients.status import lock

SECRET_BYTES = 32
# A calendar app may come every few minutes for months.
NOTED_EVERY = timedelta(hours=1)


def hash_of(secret: str) -> str:
    """Return what is stored of a secret; it is random, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_address(*, patient: Patient, user: User, in_words: bool, now: datetime) -> str:
    """Make a new address and end the old one; returns its secret, which is shown once and stored nowhere."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        lock(patient.pk)
        was = _live(patient, user).update(ended_at=now)
        CalendarFeed.objects.create(
            patient=patient, user=user, secret_hash=hash_of(secret), in_words=in_words, made_at=now
        )
        changed(patient, user, "renewed a calendar address" if was else "made a calendar address", "", now)
    return secret


def set_words(*, patient: Patient, user: User, in_words: bool, now: datetime) -> bool:
    """Set whether titles say what a step is about; returns False without an address."""
    with transaction.atomic():
        if not _live(patient, user).update(in_words=in_words):
            return False
        changed(patient, user, "changed a calendar", "words" if in_words else "no words", now)
    return True


def end_address(*, patient: Patient, user: User, now: datetime) -> bool:
    """End the address; returns False when there is none."""
    with transaction.atomic():
        if not _live(patient, user).update(ended_at=now):
            return False
        changed(patient, user, "ended a calendar address", "", now)
    return True


def feed_at(secret: str) -> CalendarFeed | None:
    """Return the feed of this secret, with its person; None for an unknown or ended one, or a person shut out."""
    found = CalendarFeed.objects.filter(secret_hash=hash_of(secret), ended_at__isnull=True, user__is_active=True)
    return found.select_related("user").first()


def note_read(feed: CalendarFeed, now: datetime) -> None:
    """Write down that a calendar app read it: on the feed each hour, in the record of looks each day."""
    if feed.read_at and now - feed.read_at < NOTED_EVERY:
        return
    with transaction.atomic():
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
        if feed.read_at is None or now.date() != feed.read_at.date():
            changed(feed.patient, feed.user, "calendar app read the plan", "", now)


def _live(patient: Patient, user: User) -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(patient=patient, user=user, ended_at__isnull=True)
