"""The search of the access log: by patient, person and days."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from patients.models.fields import validate_care_year

LETTERS = 80
OWN_WORDS = {"autocomplete": "off", "spellcheck": "false"}


def _words(label: str) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=LETTERS,
        label=label,
        widget=forms.TextInput(attrs=OWN_WORDS),
        error_messages={"max_length": f"Use at most {LETTERS} letters."},
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        required=False,
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[validate_care_year],
        error_messages={"invalid": "Enter a day as year, month and day, such as 2026-03-05."},
    )


class AccessSearchForm(forms.Form):
    """Whose record, who looked, and from which day to which; sent by POST, never as part of an address."""

    patient = _words("Patient: name, record number, birth date or phone")
    person = _words("Person who looked or changed: name or e-mail")
    since = _day("From")
    until = _day("To, this day included")

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        since, until = asked.get("since"), asked.get("until")
        if since and until and until < since:
            self.add_error("until", ValidationError("This day is before the first one. Choose a later day."))
        return asked

    def as_words(self) -> str:
        """Return what is asked for as one text to keep in the session; empty when nothing is."""
        asked = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return json.dumps(asked, sort_keys=True) if asked else ""


class AccessPlaceForm(forms.Form):
    """The key of a search (patients.sign_in.searches), and the last row of the page before."""

    s = forms.CharField(required=False, max_length=40)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


def asked_again(words: str) -> AccessSearchForm:
    """Return the form of a kept search. Words of another page's search ask for nothing."""
    try:
        kept = json.loads(words or "{}")
    except ValueError:
        kept = {}
    form = AccessSearchForm(kept if isinstance(kept, dict) else {})
    form.is_valid()
    return form
