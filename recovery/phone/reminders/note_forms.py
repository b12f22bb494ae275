"""The form of the ways in which a person wants notes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.selectors.reach import EMAIL, PUSH, SMS, Reach

NO_DEVICE = _("Add this phone first, further down on this page. Then choose it here.")


class NoteWaysForm(forms.Form):
    """The ways that exist for this person; none chosen: the best that works."""

    ways = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("Send my notes by")
    )

    def __init__(self, data: Any = None, *, reach: Reach, devices: int, **more: Any) -> None:
        """reach: of this person. devices: how many of their browsers show push notes."""
        chosen = [way for way in (SMS, EMAIL, PUSH) if way in reach.wish]
        super().__init__(data, initial={"ways": chosen}, **more)
        self.devices = devices
        self.fields["ways"].unmarked = True  # type: ignore[attr-defined]
        words = {SMS: _("Text message"), EMAIL: _("E-mail"), PUSH: _("On this phone, as a note on the screen")}
        on_file = {*reach.on_file, PUSH, *chosen}
        field = self.fields["ways"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(way, label) for way, label in words.items() if way in on_file]

    def clean_ways(self) -> list[str]:
        """Refuse notes on a phone while no phone of theirs shows any."""
        ways: list[str] = self.cleaned_data["ways"]
        if PUSH in ways and not self.devices:
            raise forms.ValidationError(NO_DEVICE)
        return ways
