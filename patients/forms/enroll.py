"""The two ticks beside the enrolment forms, and the patient's zone."""

from django import forms

from patients.models.fields import validate_timezone
from patients.values.bounds import COMMON_ZONES


class ZoneForm(forms.Form):
    """Where the patient is: their quiet hours and their days follow it."""

    timezone = forms.CharField(
        max_length=64,
        label="The patient's time zone",
        validators=[validate_timezone],
        widget=forms.TextInput(attrs={"list": "zones", "spellcheck": "false", "autocomplete": "off"}),
    )
    temp_unit = forms.ChoiceField(choices=[("F", "°F"), ("C", "°C")], label="Thermometer", initial="F")
    zones = COMMON_ZONES


class AgreementForm(forms.Form):
    """What the patient agreed to, and whether a namesake is somebody else."""

    messages_agreed = forms.BooleanField(required=False, label="The patient agreed to messages by SMS and e-mail")
    shared = forms.BooleanField(
        required=False,
        label="They share it: both use this phone or e-mail (a couple, or a nurse who is a patient)",
    )
    another_person = forms.BooleanField(required=False, label="This is another person with the same name")
