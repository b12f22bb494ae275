"""Lists where a person is signed in, and ends one session or all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from patients.clock import db_now
from patients.models import Session, User
from patients.sign_in import proofs
from patients.sign_in.session_store import SessionStore, name_of, opened
from patients.trail import What, note
from patients.values.browser_names import device_words
from patients.wall.scope import Scope, entered

# How exact "last used" is: writing it at every click would cost too much.
SEEN_EVERY_SECONDS = 600
SEEN, DEVICE = "last_seen", "device"


@dataclass(frozen=True)
class SignIn:
    """One browser in which a person is signed in. name: of its row, to select it; it opens nothing."""

    name: str
    device: str
    since: datetime
    last_used: datetime
    is_this: bool


def sign_ins(user: User, request: HttpRequest | None = None) -> list[SignIn]:
    """Return all valid sessions of a user, this browser first, then the most recently used."""
    here = name_of(request.session.session_key or "") if request else ""
    rows = Session.objects.filter(user=user, expires_at__gt=db_now())
    found = [_sign_in(row.name, kept, row.name == here) for row in rows if (kept := opened(row)) and _person(kept)]
    return sorted(found, key=lambda one: (one.is_this, one.last_used), reverse=True)


def _sign_in(name: str, kept: Mapping[str, Any], is_this: bool) -> SignIn:
    last_used = kept.get(SEEN, kept.get(proofs.CAME_IN, 0))
    since = kept.get(proofs.CAME_IN, last_used)
    device = kept.get(DEVICE, device_words(""))
    return SignIn(name, device, proofs.moment(since), proofs.moment(last_used), is_this)


def person_of(session_key: str) -> tuple[User, proofs.Standing] | None:
    """Return the user of a session and their standing; None when it is not valid (ended, old, idle, unproved)."""
    return _person(SessionStore(session_key).load())


def _person(kept: Mapping[str, Any]) -> tuple[User, proofs.Standing] | None:
    """Return user and standing without changing the session, not even a hash made with an earlier SECRET_KEY."""
    user = User.objects.filter(pk=kept.get(SESSION_KEY, 0), is_active=True).first()
    if user is None:
        return None
    marks = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    if not any(constant_time_compare(kept.get(HASH_SESSION_KEY, ""), mark) for mark in marks):
        return None
    with entered(Scope(user.pk)):
        standing = proofs.standing_of(user, kept)
    return None if standing.lack else (user, standing)


def seen(request: HttpRequest, now: datetime) -> None:
    """Note when this browser was last used, for clicks only, not for requests that a page sends by itself."""
    request.session[SEEN] = int(now.timestamp())
    request.session[DEVICE] = device_words(request.headers.get("User-Agent", ""))
    request.session.setdefault(proofs.CAME_IN, int(now.timestamp()))


def end_one(user: User, name: str, request: HttpRequest | None, *, by: User, why: str) -> bool:
    """Sign out one browser of the user; returns False when it is not theirs or was signed out already."""
    with transaction.atomic():
        ended, _ = Session.objects.filter(user=user, name=name).delete()
        if ended:
            note(What.ENDED, request, user=user, by=by, detail=why)
    return bool(ended)


def end_all(user: User, request: HttpRequest | None, *, by: User | None, why: str) -> None:
    """Sign this user out everywhere, in the transaction of the caller."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(times_signed_out=F("times_signed_out") + 1)
        Session.objects.filter(user=user).delete()
        note(What.ENDED, request, user=user, by=by, detail=why)
