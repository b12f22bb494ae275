"""The forms for a phone's answer when a person adds or shows a passkey; any bad answer gives a plain error."""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm, ReauthenticateWebAuthnForm, SignupWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from patients.sign_in.passkeys import NAME_LETTERS
from patients.trail import What, note

NOT_ADDED = _("That did not work. Try once more, or go on with codes.")
NOT_KNOWN = _("This lock is not known here, or not any more. Get a code instead.")
# Errors the library raises when the phone's answer has an unexpected form.
ODD = (forms.ValidationError, TypeError, ValueError, KeyError, AttributeError)


class PasskeyForm(SignupWebAuthnForm):
    """Adds a passkey. It alone signs the person in, so the phone must have checked finger, face or PIN."""

    name = forms.CharField(
        label=_("What do you call this phone?"),
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
    """Checks a shown passkey. An unknown one is written to the trail without a user."""

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ODD:
            note(What.FAILED, context.request, detail="wrong passkey")
            raise forms.ValidationError(NOT_KNOWN) from None
        return found


class PasskeyLogin(_Shown, LoginWebAuthnForm):
    """The form on the first sign-in page, for all users."""


class PasskeyAgain(_Shown, ReauthenticateWebAuthnForm):
    """The form before a change of the sign-in."""
