"""Writes changes of a factor or password to the trail, and tells the person about them."""

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from patients.models import TrailEvent, User
from patients.sign_in import proofs
from patients.trail import What, note

# By the sign-in library's name of the change: the event in the trail, its detail, and the words for the person.
CHANGES: dict[str, tuple[TrailEvent.What, str, str]] = {
    "mfa/email/totp_activated": (What.FACTOR_ADDED, "totp", "an authenticator app was set up"),
    "mfa/email/totp_deactivated": (What.FACTOR_REMOVED, "totp", "the authenticator app was removed"),
    "mfa/email/webauthn_added": (What.FACTOR_ADDED, "webauthn", "a passkey was added"),
    "mfa/email/webauthn_removed": (What.FACTOR_REMOVED, "webauthn", "a passkey was removed"),
    "mfa/email/recovery_codes_generated": (What.FACTOR_ADDED, "recovery_codes", "new recovery codes were made"),
    "account/email/password_reset": (What.PASSWORD, "by link", "a password was chosen"),
    "account/email/password_changed": (What.PASSWORD, "by its person", "the password was changed"),
    "account/email/password_set": (What.PASSWORD, "by its person", "a password was chosen"),
}


def tell(user: User, words: str) -> None:
    """Send an e-mail that names the change and says what to do if it was another person."""
    if user.email:
        get_adapter().send_mail("account/email/sign_in_changed", user.email, {"user": user, "words": words})


def changed(request: HttpRequest, user: User, name: str) -> str:
    """Write the change to the trail; returns the words for the person, or empty text for another name.

    Setting up a factor also counts as showing it, in this session only.
    """
    if name not in CHANGES:
        return ""
    what, kind, words = CHANGES[name]
    note(what, request, user=user, by=request.user if isinstance(request.user, User) else None, detail=kind)
    if what == What.FACTOR_ADDED and kind in proofs.FACTORS:
        newest = Authenticator.objects.filter(user=user, type=kind).order_by("-pk").first()
        if newest:
            proofs.show_factor(request, newest)
    return words
