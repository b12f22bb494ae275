"""Who helps, how they sign in, what they may do, until when."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from patients.addresses import Address, read_address
from patients.forms.fields import DayField


class HelperForm(forms.Form):
    """One helper."""

    first_name = forms.CharField(max_length=80, label="First name")
    last_name = forms.CharField(max_length=80, required=False, label="Last name")
    address = forms.CharField(
        max_length=254, label="Their phone number or e-mail", help_text="They sign in with a code sent there."
    )
    relationship = forms.CharField(max_length=60, label="Who they are", help_text="For example: daughter")
    may_log = forms.BooleanField(required=False, initial=True, label="May fill in the log")
    may_be_alerted = forms.BooleanField(
        required=False, label="May get notes when a visit is near or logs are missing"
    )
    until = DayField(required=False, label="Until", help_text="Empty: until you remove them.")

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    def clean_address(self) -> Address:
        return read_address(self.cleaned_data["address"])

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day and day <= timezone.now().astimezone(self.zone).date():
            raise ValidationError("Choose a day after today.")
        return day

    def rights(self) -> dict[str, Any]:
        """What add_helper takes; the right ends with the chosen day, on the patient's clocks."""
        data = dict(self.cleaned_data)
        day = data.pop("until")
        end = datetime.combine(day, datetime.max.time(), self.zone) if day else None
        return {**data, "expires_at": end}
