"""One form for each clinic setting: its value within bounds, the reason, and from when."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from patients.forms.fields import LOCAL_FORMAT, ZonedDateTimeField
from patients.forms.override_values import WallTimeField
from recovery.triage.config import Setting, numbers_in, validate_config, value_of

REASON_MOST = 300
CLOCKS_MOST = 120
LATEST = timedelta(days=366)
PART_WORDS = {
    "": "Value",
    "lowest": "From",
    "highest": "To",
    "336": "In the first 14 days",
    "1008": "Then to day 42",
    "2160": "Then to day 90",
    "later": "Later",
    "default": "Most signs",
    "weak": "Weakness",
    "bladder": "Bladder",
    "bowel": "Bowel",
}


class SettingForm(forms.Form):
    """The form of one setting; value() returns the config's value. Needs the clinic's time zone active."""

    effective_from = ZonedDateTimeField(
        required=False,
        label="Counts from",
        help_text="The clinic’s time. Leave it empty for at once.",
        input_formats=[LOCAL_FORMAT],
        error_messages={"invalid": "Enter a date and a time, or leave it empty for at once."},
    )
    reason = forms.CharField(
        max_length=REASON_MOST,
        label="Why",
        help_text="It stays on record with your name.",
        error_messages={"required": "Say why: every setting names who, when and why."},
    )

    def __init__(self, data: Any, *, setting: Setting, present: Any, now: datetime) -> None:
        self.setting, self.now = setting, now
        super().__init__(data, auto_id=f"{setting.key}_%s")
        values, self.read = _FIELDS[setting.kind](setting, present)
        self.fields = {**values, **self.fields}
        begins = self.fields["effective_from"]
        assert isinstance(begins, ZonedDateTimeField)
        begins.zone = ZoneInfo(timezone.get_current_timezone_name())

    def clean_effective_from(self) -> datetime | None:
        """Accept no date (at once) or a date within a year."""
        begins: datetime | None = self.cleaned_data["effective_from"]
        if begins is not None and begins < self.now - timedelta(minutes=5):
            raise forms.ValidationError("This moment has passed. Leave it empty for at once.")
        if begins is not None and begins > self.now + LATEST:
            raise forms.ValidationError("Check the year: this is more than a year ahead.")
        return begins

    def clean(self) -> dict[str, Any]:
        """Check the bounds of a value with several parts."""
        data = super().clean() or {}
        if not any(name.startswith("value") for name in self.errors):
            for _, reason in validate_config({self.setting.key: self.value()}):
                self.add_error(next(iter(self.fields)), f"The value {reason}.")
        return data

    def value(self) -> Any:
        """Return the typed value in the shape of its key."""
        return self.read(self.cleaned_data)


Made = tuple[dict[str, forms.Field], Callable[[Mapping[str, Any]], Any]]


def _numbers(setting: Setting, present: Any) -> Made:
    """Return a number field for each part that a clinic may change."""
    before = numbers_in(setting, present)
    moving = {part: bounds for part, bounds in setting.parts.items() if bounds[0] < bounds[1]}
    fields: dict[str, forms.Field] = {
        _name(part): _number(setting, part, *bounds, before[part]) for part, bounds in moving.items()
    }

    def read(data: Mapping[str, Any]) -> Any:
        typed = {part: _plain(data[_name(part)]) for part in moving}
        return value_of(setting, {**before, **typed})

    return fields, read


def _number(setting: Setting, part: str, low: float, high: float, initial: float) -> forms.Field:
    words = f"Enter a number from {low:g} to {high:g}, in steps of {setting.step:g}."
    return forms.DecimalField(
        label=f"{PART_WORDS[part]}, {setting.unit}",
        help_text=f"{low:g} to {high:g}",
        min_value=Decimal(str(low)),
        max_value=Decimal(str(high)),
        step_size=Decimal(str(setting.step)),
        initial=f"{initial:g}",
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value", "step_size"), words),
    )


def _plain(number: Decimal) -> float:
    return int(number) if number == number.to_integral_value() else float(number)


def _name(part: str) -> str:
    return f"value_{part}" if part else "value"


def _choice(setting: Setting, present: Any) -> Made:
    field = forms.ChoiceField(label="Value", choices=list(setting.options.items()), initial=present)
    return {"value": field}, lambda data: data["value"]


def _clock(setting: Setting, present: Any) -> Made:
    field = WallTimeField(label="Time", initial=time.fromisoformat(present))
    return {"value": field}, lambda data: f"{data['value']:%H:%M}"


def _window(setting: Setting, present: Any) -> Made:
    start, end = (time.fromisoformat(wall) for wall in present)
    fields: dict[str, forms.Field] = {
        "value_start": WallTimeField(label="Start", initial=start),
        "value_end": WallTimeField(label="End", initial=end),
    }
    return fields, lambda data: [f"{data[name]:%H:%M}" for name in fields]


def _clocks(setting: Setting, present: Any) -> Made:
    low, high = setting.most
    field = forms.CharField(
        label="Times",
        max_length=CLOCKS_MOST,
        initial=", ".join(present),
        help_text=f"{low} to {high} times such as 09:00, with commas between.",
        error_messages={"required": "Enter at least one time, such as 09:00."},
    )
    return {"value": field}, lambda data: [wall.strip() for wall in data["value"].split(",") if wall.strip()]


_FIELDS: dict[str, Callable[[Setting, Any], Made]] = {
    **dict.fromkeys(("number", "span", "phases", "minutes"), _numbers),
    "choice": _choice,
    "clock": _clock,
    "window": _window,
    "clocks": _clocks,
}
