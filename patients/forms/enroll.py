"""The small enrolment forms: agreement and namesakes, and the patient's time zone."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from patients.forms.asked_back import AsksBack, far_ahead
from patients.forms.fields import DayField
from patients.models.fields import validate_timezone
from patients.values.bounds import COMMON_ZONES
from patients.values.languages import ENGLISH, LANGUAGES


class ZoneForm(forms.Form):
    """The time zone that sets the patient's quiet hours and days, their thermometer's unit, and their language."""

    timezone = forms.CharField(
        max_length=64,
        label="The patient's time zone",
        validators=[validate_timezone],
        widget=forms.TextInput(attrs={"list": "zones", "spellcheck": "false", "autocomplete": "off"}),
    )
    temp_unit = forms.ChoiceField(choices=[("F", "°F"), ("C", "°C")], label="Thermometer", initial="F")
    language = forms.ChoiceField(
        choices=LANGUAGES,
        label="Language",
        initial=ENGLISH,
        required=False,
        help_text="Of the patient's pages, texts and e-mails. They can change it themselves.",
    )
    zones = COMMON_ZONES


class PlannedForm(AsksBack, forms.Form):
    """The day of a procedure that is still to come: the patient gets ready, and no clock runs."""

    planned_on = DayField(
        required=False,
        label="Not done yet: planned for",
        help_text="Leave the end empty then. The patient sees how to get ready; the clock starts with the end.",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_planned_on(self) -> date | None:
        day: date | None = self.cleaned_data["planned_on"]
        if day and day < self.today:
            raise ValidationError("This day is over. Enter when the procedure ended instead.")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if day := data.get("planned_on"):
            self.ask_back("planned_on", far_ahead(day, self.today))
        return data


class AgreementForm(forms.Form):
    """What the patient agreed to, whether they share an address, and whether a namesake is another person."""

    messages_agreed = forms.BooleanField(required=False, label="The patient agreed to messages by SMS and e-mail")
    shared = forms.BooleanField(
        required=False,
        label="They share it: both use this phone or e-mail (a couple, or a nurse who is a patient)",
    )
    another_person = forms.BooleanField(required=False, label="This is another person with the same name")
