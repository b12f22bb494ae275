"""The small enrolment forms: agreement and namesakes, and the patient's time zone."""

from django import forms

from patients.models.fields import validate_timezone
from patients.values.bounds import COMMON_ZONES


class ZoneForm(forms.Form):
    """The patient's time zone, which sets their quiet hours and days, and their thermometer's unit."""

    timezone = forms.CharField(
        max_length=64,
        label="The patient's time zone",
        validators=[validate_timezone],
        widget=forms.TextInput(attrs={"list": "zones", "spellcheck": "false", "autocomplete": "off"}),
    )
    temp_unit = forms.ChoiceField(choices=[("F", "°F"), ("C", "°C")], label="Thermometer", initial="F")
    zones = COMMON_ZONES


class AgreementForm(forms.Form):
    """What the patient agreed to, whether they share an address, and whether a namesake is another person."""

    messages_agreed = forms.BooleanField(required=False, label="The patient agreed to messages by SMS and e-mail")
    shared = forms.BooleanField(
        required=False,
        label="They share it: both use this phone or e-mail (a couple, or a nurse who is a patient)",
    )
    another_person = forms.BooleanField(required=False, label="This is another person with the same name")
