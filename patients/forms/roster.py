"""The search forms of the roster."""

from django import forms


class SearchForm(forms.Form):
    """A name, record number, birth date or phone; sent by POST, never as part of an address."""

    q = forms.CharField(
        required=False,
        max_length=80,
        label="Name, record number, birth date or phone",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": "Use at most 80 letters."},
    )


class PlaceForm(forms.Form):
    """The key of a search (patients.sign_in.searches), and the last patient of the page before."""

    s = forms.CharField(required=False, max_length=40)
    after = forms.UUIDField(required=False)
