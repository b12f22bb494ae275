"""The second factor as it is typed: its tries are counted like all others."""

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms

from patients import limits
from patients.trail import What, note

SLOW_DOWN = "Too many tries. Wait a few minutes, then start again."


class _Counted(forms.Form):
    """Whoever knows somebody's password uses up their own tries, not that person's."""

    def clean_code(self) -> str:
        request = context.request
        guess = limits.guess(request, self.user.email, "factor")  # type: ignore[attr-defined]
        if guess is None:
            note(What.REFUSED, request, user=self.user, detail="too many tries: factor")  # type: ignore[attr-defined]
            raise forms.ValidationError(SLOW_DOWN, code="too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            note(What.FAILED, request, user=self.user, detail="wrong factor")  # type: ignore[attr-defined]
            raise
        guess.was_right()
        return code


class CountedFactor(_Counted, AuthenticateForm):
    """After the password."""


class CountedFactorAgain(_Counted, ReauthenticateForm):
    """Before something about the sign-in is changed."""
