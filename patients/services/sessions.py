"""Where somebody is signed in, and how that ends: one browser, or all of them at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from patients import proofs
from patients.clock import db_now
from patients.devices import device_words
from patients.models import User
from patients.trail import What, note

# How exactly "last used" is known: every click would be a write.
SEEN_EVERY_SECONDS = 600
SEEN = "last_seen"


@dataclass(frozen=True)
class SignIn:
    """One browser in which somebody is signed in. number: to name it by; the session's key is a secret."""

    number: int
    device: str
    since: datetime
    last_used: datetime
    is_this: bool


def sign_ins(user: User, request: HttpRequest | None = None) -> list[SignIn]:
    """All that count now, this browser first, then the last used."""
    here = request.session.session_key if request else None
    rows = [row for row in UserSession.objects.purge_and_list(user) if _counts(row)]
    found = [
        SignIn(row.pk, device_words(row.user_agent), row.created_at, row.last_seen_at, row.session_key == here)
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.is_this, one.last_used), reverse=True)


def _counts(row: UserSession) -> bool:
    """Does it open anything still? Staff who went home are signed out by the next click."""
    return person_of(row.session_key) is not None


def person_of(session_key: str) -> tuple[User, proofs.Standing] | None:
    """Whose session it is, and their standing; None when it counts no more (ended, too old, idle, unproved)."""
    asked = _Asked(SessionStore(session_key))
    user = get_user(asked)  # type: ignore[arg-type]
    if not isinstance(user, User):
        return None
    standing = proofs.standing_of(user, asked.session)
    return None if standing.lack else (user, standing)


@dataclass(frozen=True)
class _Asked:
    """As much of a request as finding its person takes."""

    session: Any


def seen(request: HttpRequest) -> None:
    """Keep when this browser was last used, to some minutes. For clicks, not for what a page asks itself."""
    session, now = request.session, int(db_now().timestamp())
    session[SEEN] = now
    rows = UserSession.objects.filter(session_key=session.session_key)
    if not rows.update(last_seen_at=proofs.moment(now)):
        UserSession.objects.create_from_request(request)


def end_one(user: User, number: int, request: HttpRequest | None, *, by: User, why: str) -> bool:
    """Sign out one browser of theirs; False when it is none of them, or was signed out already."""
    row = UserSession.objects.filter(user=user, pk=number).first()
    if row is None:
        return False
    with transaction.atomic():
        row.end()
        note(What.ENDED, request, user=user, by=by, detail=why)
    return True


def end_all(user: User, request: HttpRequest | None, *, by: User | None, why: str) -> None:
    """Sign this person out everywhere, in the transaction of whatever asks for it."""
    with transaction.atomic():
        keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
        User.objects.filter(pk=user.pk).update(times_signed_out=F("times_signed_out") + 1)
        Session.objects.filter(pk__in=keys).delete()
        UserSession.objects.filter(user=user).delete()
        note(What.ENDED, request, user=user, by=by, detail=why)
