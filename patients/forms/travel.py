"""The form of a travel: where the patient is now, and their last day there."""

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.forms.fields import DayField
from patients.services.travel import MOST_DAYS
from patients.values.bounds import COMMON_ZONES, place_of, zones
from patients.values.wall_clock import on_day

Choices = list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]


def _zone_choices() -> Choices:
    """Return every zone of a place: those of most patients first, then all others by part of the world."""
    rest = sorted(zones() - set(COMMON_ZONES))
    parts = {part: list(names) for part, names in groupby(rest, lambda name: name.partition("/")[0])}
    named = [(part, [(name, _words(name)) for name in names]) for part, names in parts.items()]
    return [("", _("Choose")), (_("Often"), [(name, place_of(name)) for name in COMMON_ZONES]), *named]


def _words(zone: str) -> str:
    """Return a place with its state or country, where its name has one: Indiana, Knox."""
    return ", ".join(part.replace("_", " ") for part in zone.split("/")[1:])


class TravelForm(forms.Form):
    """A place by its time zone, and the last day there by its clocks."""

    zone = forms.ChoiceField(
        choices=_zone_choices,
        label=gettext_lazy("Where you are"),
        help_text=gettext_lazy("Pick a large city with the same time."),
        error_messages={
            "required": gettext_lazy("Pick a city with the same time as where you are."),
            "invalid_choice": gettext_lazy("We do not know this place. Pick one from the list."),
        },
    )
    until = DayField(
        label=gettext_lazy("Last day there"),
        error_messages={
            "required": gettext_lazy("Enter your last day there."),
            "invalid": gettext_lazy("Enter a date that exists."),
        },
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

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
