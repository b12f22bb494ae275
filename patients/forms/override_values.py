"""Fields and bounds of overrides: dates near the recovery, lowered fever lines, quiet hours."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from patients.forms.fields import DayField
from patients.models import Procedure
from patients.values import bounds
from patients.values.wall_clock import QuietHours

# Refuses a mistyped year.
LATEST = timedelta(days=3 * 366)
# The fever lines of the rule book (a test compares them), and the lowest that a clinic may set.
FEVER_F, LOWEST_F = Decimal("100.4"), Decimal(str(bounds.FEVER_F.lowest))
FEVER_C, LOWEST_C = Decimal("38.0"), Decimal(str(bounds.FEVER_C.lowest))
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Bounds:
    """The recovery an override is for, the patient's zone, and the time now."""

    procedure: Procedure
    zone: ZoneInfo
    now: datetime

    def check_day(self, form: forms.Form, day: date) -> None:
        """Add an error to `value` unless the day is from the procedure on and at most three years ahead."""
        if day < self.procedure.ended_at.astimezone(self.zone).date():
            form.add_error("value", "This is before the procedure.")
        elif day > self.now.astimezone(self.zone).date() + LATEST:
            form.add_error("value", "Check the year: this is more than three years ahead.")


def day_field(label: str, *, required: bool = True) -> DayField:
    """Return a date field whose errors say what to do."""
    words = {"required": "Enter a date.", "invalid": "Enter a date that exists."}
    return DayField(label=label, required=required, error_messages=words)


class WallTimeField(forms.TimeField):
    """A local time of day, entered with the browser's time picker."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {"required": "Enter a time.", "invalid": "Enter a time, such as 21:00."}


def quiet_problem(starts: time, ends: time) -> str:
    """Return why these two times cannot be quiet hours; empty when they can."""
    minutes = QuietHours(starts, ends).minutes
    if not minutes:
        return "The two times must differ."
    if minutes > bounds.QUIET_HOURS_MOST * 60:
        return f"At most {bounds.QUIET_HOURS_MOST} hours: the patient must have time to get notes."
    return ""


REFUSED = ("min_value", "max_value", "invalid", "max_digits", "max_decimal_places", "max_whole_digits")


class LoweredField(forms.DecimalField):
    """A fever line below the rule book's, in tenths of a degree."""

    def __init__(self, *, unit: str, lowest: Decimal, line: Decimal, **kwargs: Any) -> None:
        highest = line - TENTH
        words = f"Enter a line from {lowest} to {highest} {unit}: it can only be lowered."
        super().__init__(
            min_value=lowest,
            max_value=highest,
            max_digits=4,
            decimal_places=1,
            label=unit,
            help_text=f"{lowest} to {highest}",
            widget=forms.NumberInput(attrs={"step": "0.1"}),
            error_messages={**dict.fromkeys(REFUSED, words), "required": "Enter the temperature."},
            **kwargs,
        )


def fahrenheit() -> LoweredField:
    """Return the field for 99.0 to 100.3 °F."""
    return LoweredField(unit="°F", lowest=LOWEST_F, line=FEVER_F)


def celsius() -> LoweredField:
    """Return the field for 37.2 to 37.9 °C."""
    return LoweredField(unit="°C", lowest=LOWEST_C, line=FEVER_C)
