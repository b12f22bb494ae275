"""Passkeys of patients and helpers, which are optional: a code always signs them in as well.

For staff a passkey is a second factor, on the sign-in library's own pages. Each passkey belongs to one person: two
people who share a phone each have their own, and the phone asks which one to use.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from patients.models import User
from patients.trail import What, note
from patients.wall.scope import also

MOST = 10
NAME_LETTERS = 60
KIND = Authenticator.Type.WEBAUTHN


def of(user: User) -> QuerySet[Authenticator]:
    """Return the user's passkeys, the oldest first."""
    return Authenticator.objects.filter(user=user, type=KIND).order_by("pk")


def add(request: HttpRequest, user: User, name: str, credential: dict[str, Any]) -> None:
    """Add a passkey and tell the person; the form has checked the phone's answer."""
    WebAuthn.add(user, name, credential)
    get_adapter().send_notification_mail("mfa/email/webauthn_added", user)


def rename(user: User, number: int, name: str) -> bool:
    """Rename a passkey; returns False when it is not the user's."""
    row = of(user).filter(pk=number).first()
    if row is None:
        return False
    row.data["name"] = name
    row.save(update_fields=["data"])
    return True


def remove(user: User, number: int) -> bool:
    """Remove a passkey; returns False if it is not the user's. Sessions that used it end (sign_in.proofs)."""
    done, _ = of(user).filter(pk=number).delete()
    if done:
        get_adapter().send_notification_mail("mfa/email/webauthn_removed", user)
    return bool(done)


def remove_all(user: User, request: HttpRequest | None, *, by: User, why: str) -> int:
    """Remove all passkeys after a phone was lost, since it is unknown which one was on it; returns how many.

    The caller must check first that the user is not guarded: staff have a way back that takes two people.
    """
    with transaction.atomic():
        # In that person's scope: the wall hides their factors from all others (patients.wall).
        with also(user=user.pk):
            count, _ = of(user).delete()
        for _ in range(count):
            note(What.FACTOR_REMOVED, request, user=user, by=by, detail=f"webauthn: {why}")
    return count
