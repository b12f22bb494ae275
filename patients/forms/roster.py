"""What the roster can be asked for."""

from django import forms


class RosterForm(forms.Form):
    """A name, record number, birth date or phone, and where the page before ended."""

    q = forms.CharField(
        required=False,
        max_length=80,
        label="Name, record number, birth date or phone",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": "Use at most 80 letters."},
    )
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)
