"""The form of a person's own calendar."""

from django import forms
from django.utils.translation import gettext_lazy


class CalendarForm(forms.Form):
    """Whether titles say what a step is about."""

    in_words = forms.BooleanField(
        required=False,
        label=gettext_lazy("Say what each entry is about"),
        help_text=gettext_lazy("Others who see your calendar can then read it too."),
    )
