"""The forms for signing in: an address, then the code."""

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.utils.translation import gettext_lazy as _

from patients.selectors.addresses import Address, read_address

# Six digits, with room for spaces and dashes.
CODE_MOST = 20


class AddressForm(forms.Form):
    """A phone number or an e-mail address."""

    address = forms.CharField(
        label=_("Your phone number or e-mail"),
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "inputmode": "email",
            }
        ),
        error_messages={"required": _("Enter your phone number or e-mail.")},
    )

    def clean_address(self) -> Address:
        return read_address(self.cleaned_data["address"])


class CodeForm(forms.Form):
    """The 6-digit code, pasted or typed, with or without spaces."""

    code = forms.CharField(
        label=_("The 6-digit code"),
        max_length=CODE_MOST,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "code-box"}
        ),
        error_messages={"required": _("Enter the 6 digits from the message.")},
    )

    def __init__(self, *args: Any, expected: str, wrong: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected, self.wrong = expected, wrong

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if not compare_user_code(actual=code, expected=self.expected):
            raise forms.ValidationError(self.wrong, code="wrong")
        return code
