"""The two fields that say at which hours a patient is asked for a log; staff and patients use the same."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.values.note_ways import NOTE_HOURS

NEVER = "0"
PLANNED = (10, 18)
HOURS = [(str(hour), f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}") for hour in NOTE_HOURS]


class LogHoursForm(forms.Form):
    """When to ask for a log, and when to ask again. cleaned_data has log_hours; empty: the plan's own times."""

    ask_at = forms.ChoiceField(
        choices=[("", _("10 am, as planned")), *HOURS], required=False, label=_("First reminder to log")
    )
    ask_again_at = forms.ChoiceField(
        choices=[("", _("6 pm, as planned")), *HOURS, (NEVER, _("No second reminder"))],
        required=False,
        label=_("Second reminder, if there is no log yet"),
    )

    def __init__(self, data: Any = None, *, hours: list[int], **more: Any) -> None:
        """hours: as stored."""
        again = (str(hours[1]) if len(hours) > 1 else NEVER) if hours else ""
        known = {"ask_at": str(hours[0]) if hours else "", "ask_again_at": again, **more.pop("initial", {})}
        super().__init__(data, initial=known, **more)
        for field in self.fields.values():
            field.unmarked = True  # type: ignore[attr-defined]  # nothing here needs an answer

    def clean(self) -> dict[str, Any]:
        """Turn both fields into log_hours."""
        data = super().clean() or {}
        first, again = data.pop("ask_at", ""), data.pop("ask_again_at", "")
        hours: list[int] = []
        if first or again:
            hours = [int(first or PLANNED[0])]
        if hours and again != NEVER:
            hours.append(int(again or PLANNED[1]))
        if len(hours) > 1 and hours[0] >= hours[1]:
            self.add_error("ask_again_at", _("Choose a later hour than the first, or no second reminder."))
        return {**data, "log_hours": hours}
