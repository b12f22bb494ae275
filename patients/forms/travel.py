"""The form of a travel: where the patient is now, and their last day there."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.forms.fields import DayField
from patients.services.travel import MOST_DAYS
from patients.values.bounds import COMMON_ZONES, zones
from patients.values.wall_clock import on_day


class TravelForm(forms.Form):
    """A place by its time zone, and the last day there by its clocks."""

    zone = forms.CharField(
        max_length=64,
        label=gettext_lazy("Time zone where you are"),
        help_text=gettext_lazy("Such as America/Denver."),
        widget=forms.TextInput(attrs={"list": "zones", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Pick the time zone where you are.")},
    )
    until = DayField(
        label=gettext_lazy("Last day there"),
        error_messages={
            "required": gettext_lazy("Enter your last day there."),
            "invalid": gettext_lazy("Enter a date that exists."),
        },
    )
    zones = COMMON_ZONES

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_zone(self) -> str:
        name = str(self.cleaned_data["zone"])
        if name not in zones():
            raise ValidationError(
                _("We do not know this time zone. Pick one from the list, such as America/Denver.")
            )
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day: date | None = data.get("until")
        if day and "zone" in data:
            today = self.now.astimezone(ZoneInfo(data["zone"])).date()
            if not today <= day <= today + timedelta(days=MOST_DAYS):
                self.add_error("until", _("Choose a day from today on, at most three months ahead."))
        return data

    def due_at(self) -> datetime:
        """Return the end of the last day, by the clocks there."""
        day: date = self.cleaned_data["until"]
        return on_day(day + timedelta(days=1), time(), ZoneInfo(self.cleaned_data["zone"]))
