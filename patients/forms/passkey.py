"""What a phone answers when somebody adds a passkey or shows one. Whatever comes, there is a sentence for it."""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm, ReauthenticateWebAuthnForm, SignupWebAuthnForm
from django import forms

from patients.sign_in.passkeys import NAME_LETTERS
from patients.trail import What, note

NOT_ADDED = "That did not work. Try once more, or go on with codes."
NOT_KNOWN = "This lock is not known here, or not any more. Get a code instead."
# What comes from outside may have any shape, and the library looks into it.
ODD = (forms.ValidationError, TypeError, ValueError, KeyError, AttributeError)


class PasskeyForm(SignupWebAuthnForm):
    """Add one: it signs its person in by itself, so the phone must have asked for finger, face or PIN."""

    name = forms.CharField(
        label="What do you call this phone?",
        max_length=NAME_LETTERS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        try:
            cleaned: dict[str, Any] = super().clean()
        except ODD:
            raise forms.ValidationError(NOT_ADDED) from None
        return cleaned


class _Shown(forms.Form):
    """A passkey is shown. One that is not known is in the trail, of nobody: it says itself whose it is."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ODD:
            note(What.FAILED, context.request, detail="wrong passkey")
            raise forms.ValidationError(NOT_KNOWN) from None
        return found


class PasskeyLogin(_Shown, LoginWebAuthnForm):
    """On the first sign-in page, for everybody."""


class PasskeyAgain(_Shown, ReauthenticateWebAuthnForm):
    """Once more, before something about the sign-in changes."""
