"""The form that closes a recovery."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from patients.forms.fields import DayField
from patients.models import Procedure

DAY_WORDS = {"required": "Enter the date.", "invalid": "Enter a date that exists."}
SURE = "Reminders stop, and nobody is told any more when the patient goes silent"


class CloseForm(forms.Form):
    """The last day of this recovery, in the clinic's zone."""

    closed_on = DayField(label="Last day", error_messages=DAY_WORDS)
    sure = forms.BooleanField(label=SURE, error_messages={"required": "Tick this to close the recovery."})

    def __init__(self, *args: Any, procedure: Procedure, zone: str, now: datetime, **kwargs: Any) -> None:
        self.zone, self.now, self.procedure = ZoneInfo(zone), now, procedure
        self.today = now.astimezone(self.zone).date()
        super().__init__(*args, **{"initial": {"closed_on": self.today}, **kwargs})

    def clean_closed_on(self) -> date:
        day: date = self.cleaned_data["closed_on"]
        if day < self.procedure.ended_at.astimezone(self.zone).date():
            raise ValidationError("This is before the procedure.")
        if day > self.today:
            raise ValidationError("This is in the future. Close the recovery when that day has come.")
        return day

    def closed_at(self) -> datetime:
        """Return the end of that day, or now if the day is not over."""
        midnight = datetime.combine(self.cleaned_data["closed_on"] + timedelta(days=1), time(), self.zone)
        return min(midnight, self.now)
