"""One form for each kind of override, with the bounds of log_schema and a reason."""

from datetime import date
from typing import Any

from django import forms

from patients.forms.asked_back import AsksBack, far_ahead
from patients.forms.override_values import Bounds, WallTimeField, celsius, day_field, fahrenheit, quiet_problem
from patients.models import ClinicOverride
from patients.selectors.plan_times import PERMISSIONS, plan_hours
from patients.values.bounds import GRACE_HOURS, LATER_HOURS

Key = ClinicOverride.Key
UNTIL_CLEARED = "until_cleared"
# A name and a reason together fit the 300 letters of the column.
NAME_MOST, REASON_MOST = 80, 200
LATEST_HOURS = int(LATER_HOURS.highest)


class OverrideForm(AsksBack, forms.Form):
    """A value and a reason. setting() returns the value to store, why() the reason."""

    key: str = ""
    title, hint = "", ""
    # True: it lifts a limit. It names the clinician who cleared it, and only nurses and physicians may enter it.
    clearance = False
    reason = forms.CharField(
        max_length=REASON_MOST,
        label="Why",
        error_messages={"required": "Say why: every setting names who, when and why."},
    )

    def __init__(self, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        self.bounds = bounds
        super().__init__(*args, **{"auto_id": f"{self.key}_%s", **kwargs})
        self.order_fields([name for name in self.fields if name != "reason"])

    def setting(self) -> Any:
        """Return the value to store."""
        return self.cleaned_data["value"]

    def check_day(self, day: date) -> None:
        """Check that the day is within the bounds, and ask back when it is far ahead."""
        self.bounds.check_day(self, day)
        if not self.errors:
            self.ask_back("value", far_ahead(day, self.bounds.now.astimezone(self.bounds.zone).date()))

    def why(self) -> str:
        """Return the reason to store."""
        return str(self.cleaned_data["reason"])


class GraceForm(OverrideForm):
    key, title = Key.SWELLING_GRACE, "Hours of grace for small swelling"
    hint = "Until then, small swelling that does not grow, with no other site sign and no fever, is watch."
    value = forms.IntegerField(
        min_value=int(GRACE_HOURS.lowest),
        max_value=int(GRACE_HOURS.highest),
        label="Hours after the procedure",
        help_text="0 to 72",
        error_messages={"required": "Enter the hours."},
    )


class UntilForm(OverrideForm):
    """A date, or until the clinic clears it."""

    value = day_field("Until", required=False)
    until_cleared = forms.BooleanField(required=False, label="Until we clear it")

    def __init__(self, *args: Any, initial: dict[str, Any], **kwargs: Any) -> None:
        if initial.get("value") == UNTIL_CLEARED:
            initial = {"until_cleared": True}
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "value" not in self.errors:
            if bool(data.get("value")) == bool(data.get("until_cleared")):
                self.add_error("value", "Enter a date, or tick “Until we clear it”, not both.")
            elif data.get("value"):
                self.check_day(data["value"])
        return data

    def setting(self) -> Any:
        day = self.cleaned_data["value"]
        return day.isoformat() if day else UNTIL_CLEARED


class NoDriveForm(UntilForm):
    key, title = Key.NO_DRIVE_UNTIL, "No driving until"


class NoWorkForm(UntilForm):
    key, title = Key.NO_WORK_UNTIL, "No work until"


class ClearanceForm(OverrideForm):
    """A limit that ends on a local date, cleared by a named clinician."""

    clearance = True
    value = day_field("From")
    cleared_by = forms.CharField(
        max_length=NAME_MOST,
        label="Cleared by",
        help_text="The clinician who cleared it.",
        error_messages={"required": "Name the clinician who cleared it."},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("value"):
            self.check_day(data["value"])
        return data

    def setting(self) -> Any:
        return self.cleaned_data["value"].isoformat()

    def why(self) -> str:
        return f"Cleared by {self.cleaned_data['cleared_by']}. {self.cleaned_data['reason']}"


class HeavyForm(ClearanceForm):
    key, title = Key.HEAVY_CLEARED, "Lifting, bending and twisting cleared on"
    hint = "From this date the limit ends. It never ends by itself."


class StrenuousForm(ClearanceForm):
    key, title = Key.STRENUOUS_CLEARED, "Hard exercise cleared on"
    hint = "From this date the plan says it is allowed. It never does by itself."


class LaterForm(OverrideForm):
    """Later times for permission milestones; they can never be moved earlier."""

    key, title = Key.NOT_BEFORE, "Permissions not before"
    hint = "Hours after the procedure. Later than the plan, never earlier. An empty box leaves the plan alone."

    def __init__(self, *args: Any, bounds: Bounds, initial: dict[str, Any], **kwargs: Any) -> None:
        initial = {**initial, **{_name(key): hours for key, hours in (initial.get("value") or {}).items()}}
        super().__init__(*args, bounds=bounds, initial=initial, **kwargs)
        for key, permission in PERMISSIONS.items():
            planned = plan_hours(permission, bounds.procedure, bounds.zone)
            self.fields[_name(key)] = forms.IntegerField(
                required=False,
                max_value=LATEST_HOURS,
                label=permission.title,
                help_text=f"Plan: {planned:g} h" if planned else "Plan: when it is ordered and dated",
            )
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for key, permission in PERMISSIONS.items():
            hours, planned = data.get(_name(key)), plan_hours(permission, self.bounds.procedure, self.bounds.zone)
            if hours is not None and hours <= planned:
                words = f"The plan says {planned:g} hours: this can only be made later."
                self.add_error(_name(key), words)
        if not self.errors and not self.setting():
            self.add_error(_name(next(iter(PERMISSIONS))), "Enter the hours of at least one permission.")
        return data

    def setting(self) -> Any:
        found = {key: self.cleaned_data.get(_name(key)) for key in PERMISSIONS}
        return {key: hours for key, hours in found.items() if hours is not None}


class IceForm(OverrideForm):
    key, title = Key.ICE_OK, "Ice"
    value = forms.TypedChoiceField(
        choices=[("False", "No ice reminders"), ("True", "Ice is fine")],
        coerce=lambda text: text == "True",
        label="Ice",
        error_messages={"required": "Choose one."},
    )


class QuietForm(OverrideForm):
    key, title = Key.QUIET_HOURS, "Quiet hours"
    hint = "No notes in this window, on the patient’s clocks. Alerts ignore it. 21:00 to 08:00 unless set."
    starts = WallTimeField(label="From")
    ends = WallTimeField(label="To")

    def __init__(self, *args: Any, initial: dict[str, Any], **kwargs: Any) -> None:
        if value := initial.get("value"):
            initial = {**initial, "starts": value[0], "ends": value[1]}
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts") and data.get("ends") and (problem := quiet_problem(data["starts"], data["ends"])):
            self.add_error("ends", problem)
        return data

    def setting(self) -> Any:
        return [f"{self.cleaned_data[name]:%H:%M}" for name in ("starts", "ends")]


class FeverForm(OverrideForm):
    """A lower fever line. Only the medical lead may raise it, in the rule book."""

    def setting(self) -> Any:
        return float(self.cleaned_data["value"])


class FeverFForm(FeverForm):
    key, title = Key.FEVER_F, "Fever line in °F"
    hint = "Lower than 100.4 °F only; raising it needs the medical lead. Readings in °C keep their own line."
    value = fahrenheit()


class FeverCForm(FeverForm):
    key, title = Key.FEVER_C, "Fever line in °C"
    hint = "Lower than 38.0 °C only; raising it needs the medical lead. Readings in °F keep their own line."
    value = celsius()


KINDS: tuple[type[OverrideForm], ...] = (
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
FORMS: dict[str, type[OverrideForm]] = {str(kind.key): kind for kind in KINDS}


def _name(milestone: str) -> str:
    return milestone.replace("-", "_").lower()


def in_words(key: str, value: Any) -> str:
    """Return a stored value in words for staff."""
    if key == Key.NOT_BEFORE:
        return ", ".join(
            f"{PERMISSIONS[name].title} {hours} h" for name, hours in value.items() if name in PERMISSIONS
        )
    if key == Key.QUIET_HOURS:
        return " to ".join(value)
    if value == UNTIL_CLEARED:
        return "we clear it"
    if isinstance(value, bool):
        return "fine" if value else "no reminders"
    return in_days(value) if isinstance(value, str) else str(value)


def in_days(value: str) -> str:
    """Return 2026-12-03 as Dec 3, 2026; anything else unchanged."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day:%b} {day.day}, {day.year}"
