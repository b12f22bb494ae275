"""The forms for a second factor: tries are counted, and a factor that cannot be read does not block the others."""

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms

from patients.models import User
from patients.scoping import rows_of
from patients.sign_in import limits
from patients.sign_in.factor_secrets import factors_of
from patients.sign_in.recovery_codes import use_code
from patients.trail import What, note
from patients.vault.keys import Unopened

SLOW_DOWN = "Too many tries. Wait a few minutes, then start again."
UNREADABLE = (
    "Your authenticator app cannot be checked any more: what we kept of it cannot be read. Use a passkey or a"
    " recovery code. If you have neither, ask a manager of your clinic for the way back, and set up the app anew."
)


class _Counted(forms.Form):
    """Counts tries. An attacker who knows the password uses up their own tries, not the owner's."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        request = context.request
        guess = limits.guess(request, self.user.email, "factor")
        if guess is None:
            note(What.REFUSED, request, user=self.user, detail="too many tries: factor")
            raise forms.ValidationError(SLOW_DOWN, code="too_many_login_attempts")
        code: str = self.cleaned_data["code"]
        broken = self._check(code)
        if not hasattr(self, "authenticator"):
            note(What.FAILED, request, user=self.user, detail="wrong factor")
            if Authenticator.Type.TOTP in broken:
                raise forms.ValidationError(UNREADABLE, code="unreadable")
            raise get_adapter().validation_error("incorrect_code")
        guess.was_right()
        return code

    def _check(self, code: str) -> list[str]:
        """Set self.authenticator to the code's factor; returns unreadable kinds, which it notes in the trail."""
        broken = []
        for row in rows_of(Authenticator, user=self.user).exclude(type=Authenticator.Type.WEBAUTHN):
            try:
                right = _is_right(row, code)
            except Unopened:
                broken.append(row.type)
                note(What.FAILED, context.request, user=row.user, detail=f"cannot be opened: {row.type}")
                continue
            if right:
                row.user, self.authenticator = self.user, row
                break
        return broken


def _is_right(row: Authenticator, code: str) -> bool:
    if row.type == Authenticator.Type.RECOVERY_CODES:
        return use_code(row, code)
    with factors_of(row.user_id):
        right: bool = row.wrap().validate_code(code)
    return right


class CountedFactor(_Counted, AuthenticateForm):
    """The form after the password."""


class CountedFactorAgain(_Counted, ReauthenticateForm):
    """The form before a change of the sign-in."""
