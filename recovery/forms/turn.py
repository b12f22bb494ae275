"""The form with which a helper hands their job to another."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.forms.fields import DayField
from patients.models import Caregiver
from patients.values.wall_clock import on_day

MOST_DAYS = 30


class TurnForm(forms.Form):
    """Who has the job, and their last day, by the patient's clocks."""

    taker = forms.TypedChoiceField(
        coerce=int,
        label=gettext_lazy("Who helps instead of you"),
        error_messages={
            "required": gettext_lazy("Choose who helps instead of you."),
            "invalid_choice": gettext_lazy("This person does not help any more. Choose another."),
        },
    )
    until = DayField(
        label=gettext_lazy("Last day"),
        error_messages={
            "required": gettext_lazy("Enter the last day."),
            "invalid": gettext_lazy("Enter a date that exists."),
        },
    )

    def __init__(self, *args: Any, others: Iterable[Caregiver], zone: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        self.today = now.astimezone(self.zone).date()
        field = self.fields["taker"]
        assert isinstance(field, forms.TypedChoiceField)
        named = [(one.pk, one.relationship or _("A helper")) for one in others]
        field.choices = named if len(named) == 1 else [("", _("Choose")), *named]

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if not self.today <= day <= self.today + timedelta(days=MOST_DAYS):
            raise ValidationError(_("Choose a day from today on, at most 30 days ahead."))
        return day

    def due_at(self) -> datetime:
        """Return the end of the last day."""
        return on_day(self.cleaned_data["until"] + timedelta(days=1), time(), self.zone)
