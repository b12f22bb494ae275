"""The small enrolment forms: agreement and namesakes, and the patient's time zone."""

from django import forms

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


class AgreementForm(forms.Form):
    """What the patient agreed to, whether they share an address, and whether a namesake is another person."""

    messages_agreed = forms.BooleanField(required=False, label="The patient agreed to messages by SMS and e-mail")
    shared = forms.BooleanField(
        required=False,
        label="They share it: both use this phone or e-mail (a couple, or a nurse who is a patient)",
    )
    another_person = forms.BooleanField(required=False, label="This is another person with the same name")
