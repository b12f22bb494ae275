"""One form per clinic setting, each with the bounds of log_schema and a reason."""

from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from patients.forms.fields import DayField
from patients.models import ClinicOverride

Key = ClinicOverride.Key
UNTIL_CLEARED = "until_cleared"
DATES_WITHIN = timedelta(days=3 * 366)
# The permission milestones, and the hour each is due by itself (pinned to the plan's book by a test).
# 0: it starts on a date the clinic sets.
PERMISSIONS = {
    "M-WALK-24H": ("Short walks", 24),
    "M-DRIVE-48H": ("Driving", 48),
    "M-WORK-48H": ("Desk work", 48),
    "M-LIGHT-14D": ("Light chores", 336),
    "M-STREN-28D": ("Hard exercise, 28 days", 672),
    "M-STREN-42D": ("Hard exercise, 42 days", 1008),
    "M-PT": ("Physical therapy", 0),
}
LATEST_HOURS = 24 * 366


class OverrideForm(forms.Form):
    """A value and why. setting() is what is stored."""

    title, hint = "", ""
    key: str = ""
    reason = forms.CharField(
        max_length=300, label="Why", error_messages={"required": "Say why: every setting names who, when and why."}
    )
    field_order: list[str] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{self.key}_%s", **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def setting(self) -> Any:
        """The value to store."""
        return self.cleaned_data["value"]


class GraceForm(OverrideForm):
    key, title = Key.SWELLING_GRACE, "Hours of grace for small swelling"
    hint = "Until then, small swelling that does not grow, with no other site sign and no fever, is watch."
    value = forms.IntegerField(min_value=0, max_value=72, label="Hours", help_text="0 to 72")


class DayOverrideForm(OverrideForm):
    """A local date near the present."""

    value = DayField(label="Date")

    def clean_value(self) -> date:
        return near(self.cleaned_data["value"])

    def setting(self) -> Any:
        return self.cleaned_data["value"].isoformat()


class UntilForm(OverrideForm):
    """A date, or until the clinic clears it."""

    value = DayField(label="Until", required=False)
    until_cleared = forms.BooleanField(required=False, label="Until we clear it")

    def clean_value(self) -> date | None:
        day = self.cleaned_data["value"]
        return near(day) if day else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("value")) == bool(data.get("until_cleared")) and "value" not in self.errors:
            self.add_error("value", "Enter a date, or tick “until we clear it”.")
        return data

    def setting(self) -> Any:
        day = self.cleaned_data["value"]
        return day.isoformat() if day else UNTIL_CLEARED


class NoDriveForm(UntilForm):
    key, title = Key.NO_DRIVE_UNTIL, "No driving until"


class NoWorkForm(UntilForm):
    key, title = Key.NO_WORK_UNTIL, "No work until"


class HeavyForm(DayOverrideForm):
    key, title = Key.HEAVY_CLEARED, "Lifting, bending and twisting cleared on"
    hint = "From this date the limit ends. Only a clinic can end it."


class StrenuousForm(DayOverrideForm):
    key, title = Key.STRENUOUS_CLEARED, "Hard exercise cleared on"


class LaterForm(OverrideForm):
    """Permission milestones can only be moved later."""

    key, title = Key.NOT_BEFORE, "Permissions not before"
    hint = "Hours after the procedure. Later than the plan only, never earlier."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = (kwargs.get("initial") or {}).get("value") or {}
        kwargs["initial"] = {
            **(kwargs.get("initial") or {}),
            **{_name(key): hours for key, hours in initial.items()},
        }
        super().__init__(*args, **kwargs)
        for key, (words, due) in PERMISSIONS.items():
            self.fields[_name(key)] = forms.IntegerField(
                required=False,
                min_value=due,
                max_value=LATEST_HOURS,
                label=words,
                help_text=f"{due} or more" if due else "",
                error_messages={"min_value": f"The plan says {due} hours: it can only be made later."},
            )
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.get(_name(key)) is not None for key in PERMISSIONS):
            raise ValidationError("Enter at least one number of hours.")
        return data

    def setting(self) -> Any:
        found = {key: self.cleaned_data[_name(key)] for key in PERMISSIONS}
        return {key: hours for key, hours in found.items() if hours is not None}


class IceForm(OverrideForm):
    key, title = Key.ICE_OK, "Ice"
    value = forms.TypedChoiceField(
        choices=[("False", "No ice reminders"), ("True", "Ice is fine")],
        coerce=lambda text: text == "True",
        label="Ice",
    )


class QuietForm(OverrideForm):
    key, title = Key.QUIET_HOURS, "Quiet hours"
    hint = "No notes in this window, on the patient’s clocks. Alerts ignore it. 21:00 to 08:00 unless set."
    starts = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        value = (kwargs.get("initial") or {}).get("value")
        if value:
            kwargs["initial"] = {**kwargs["initial"], "starts": value[0], "ends": value[1]}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if isinstance(starts, time) and starts == ends:
            self.add_error("ends", "The two times must differ.")
        return data

    def setting(self) -> Any:
        return [f"{self.cleaned_data[name]:%H:%M}" for name in ("starts", "ends")]


class FeverFForm(OverrideForm):
    key, title = Key.FEVER_F, "Fever line in °F"
    hint = "Only lower than 100.4 °F. Raising it needs the medical lead."
    value = forms.FloatField(
        min_value=98.0,
        max_value=100.4,
        label="°F",
        help_text="98.0 to 100.4",
        widget=forms.NumberInput(attrs={"step": "0.1"}),
        error_messages={"max_value": "The fever line can only be lowered, never above 100.4 °F."},
    )


class FeverCForm(OverrideForm):
    key, title = Key.FEVER_C, "Fever line in °C"
    hint = "Only lower than 38.0 °C. Raising it needs the medical lead."
    value = forms.FloatField(
        min_value=36.6,
        max_value=38.0,
        label="°C",
        help_text="36.6 to 38.0",
        widget=forms.NumberInput(attrs={"step": "0.1"}),
        error_messages={"max_value": "The fever line can only be lowered, never above 38.0 °C."},
    )


FORMS: dict[str, type[OverrideForm]] = {
    str(form.key): form
    for form in (
        NoDriveForm,
        NoWorkForm,
        HeavyForm,
        StrenuousForm,
        LaterForm,
        GraceForm,
        IceForm,
        QuietForm,
        FeverFForm,
        FeverCForm,
    )
}


def near(day: date) -> date:
    """A date within three years; a slip of the keyboard is not stored."""
    if abs(day - date.today()) > DATES_WITHIN:  # noqa: DTZ011 (three years do not mind a zone)
        raise ValidationError("Check the year.")
    return day


def _name(milestone: str) -> str:
    return milestone.replace("-", "_").lower()


def in_words(key: str, value: Any) -> str:
    """A stored value as staff read it."""
    if key == Key.NOT_BEFORE:
        return ", ".join(f"{PERMISSIONS.get(name, (name, 0))[0]}: {hours} h" for name, hours in value.items())
    if key == Key.QUIET_HOURS:
        return " to ".join(value)
    if value == UNTIL_CLEARED:
        return "until we clear it"
    if isinstance(value, bool):
        return "fine" if value else "no reminders"
    return str(value)
