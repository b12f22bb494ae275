"""Passkeys of patients and helpers: offered, never asked for. A code always lets them in as well.

Staff's are a second factor and have the sign-in library's own pages. One passkey is one person's: on a phone that
two people share each has their own, and the phone asks whose.
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
    """Theirs, the oldest first."""
    return Authenticator.objects.filter(user=user, type=KIND).order_by("pk")


def add(request: HttpRequest, user: User, name: str, credential: dict[str, Any]) -> None:
    """One more, and its person is told. The form has checked what the phone answered."""
    WebAuthn.add(user, name, credential)
    get_adapter().send_notification_mail("mfa/email/webauthn_added", user)


def rename(user: User, number: int, name: str) -> bool:
    """False when it is none of theirs."""
    row = of(user).filter(pk=number).first()
    if row is None:
        return False
    row.data["name"] = name
    row.save(update_fields=["data"])
    return True


def remove(user: User, number: int) -> bool:
    """False when it is none of theirs. A session that came in by it is good for nothing more (sign_in.proofs)."""
    done, _ = of(user).filter(pk=number).delete()
    if done:
        get_adapter().send_notification_mail("mfa/email/webauthn_removed", user)
    return bool(done)


def remove_all(user: User, request: HttpRequest | None, *, by: User, why: str) -> int:
    """A phone is lost, and nobody knows which passkey lay on it: how many are gone.

    Whoever calls asks first that this is nobody guarded: staff have a way back that takes two.
    """
    with transaction.atomic():
        # For that person: nobody else sees what they sign in by (patients.wall).
        with also(user=user.pk):
            count, _ = of(user).delete()
        for _ in range(count):
            note(What.FACTOR_REMOVED, request, user=user, by=by, detail=f"webauthn: {why}")
    return count
