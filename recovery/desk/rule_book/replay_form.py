"""The form of a replay: a bounded period of the clinic's past, and some settings changed."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from recovery.triage.config import Setting, settings, validate_config
from recovery.triage.numbers import number_facts
from recovery.triage.rulebook import load_rulebook

MOST_DAYS = 92
USUAL_DAYS = 28
GROUP_WORDS = {"fever": "Fever", "pain": "Pain", "times": "Times", "medicines": "Medicines"}


def tried_settings() -> list[Setting]:
    """Return the settings that affect verdicts and are one number or one choice."""
    judging = number_facts(load_rulebook().content)
    return [one for one in settings().values() if one.kind in ("number", "choice") and one.key in judging]


def _field(one: Setting) -> forms.Field:
    if one.kind == "choice":
        now = one.options[one.default]
        choices = [("", "As it was for each log"), *one.options.items()]
        return forms.ChoiceField(label=one.label, required=False, choices=choices, help_text=f"Rule book: {now}.")
    low, high = one.parts[""]
    return forms.FloatField(
        label=one.label,
        required=False,
        help_text=f"Rule book: {one.default:g} {one.unit}. Allowed: {low:g} to {high:g}.",
        error_messages={"invalid": "Type a number, or leave it empty."},
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class ReplayForm(forms.Form):
    """First and last day, both included, and one optional field per setting; at least one must be filled in."""

    first = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["first"].initial = today - timedelta(days=USUAL_DAYS - 1)
        self.fields["last"].initial = today
        for one in tried_settings():
            self.fields[one.key] = _field(one)

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """Return the fields by subject: title, fields, and whether one of them is filled in."""
        found: dict[str, list[forms.BoundField]] = {}
        for one in tried_settings():
            found.setdefault(GROUP_WORDS.get(one.group, one.group.capitalize()), []).append(self[one.key])
        return [(title, fields, any(field.value() for field in fields)) for title, fields in found.items()]

    def period(self) -> list[forms.BoundField]:
        """Return the first and the last day."""
        return [self["first"], self["last"]]

    def clean(self) -> dict[str, Any]:
        """Check the bounds of the period and of every number, and that something is changed."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last:
            self._check_period(first, last)
        for key, reason in validate_config(self.config()):
            self.add_error(key, ValidationError(f"{self.fields[key].label}: it {reason}."))
        if not self.errors and not self.config():
            raise ValidationError("Change at least one of them: there is nothing to try yet.")
        return data

    def _check_period(self, first: date, last: date) -> None:
        if last > self.today:
            self.add_error("last", "Choose today or an earlier day.")
        elif last < first:
            self.add_error("last", "Choose a day that is not before the first one.")
        elif (last - first).days >= MOST_DAYS:
            self.add_error("first", f"Choose at most {MOST_DAYS} days: a later first day, or an earlier last one.")

    def config(self) -> dict[str, Any]:
        """Return the changed settings, whole numbers as int."""
        given = {one.key: self.cleaned_data.get(one.key) for one in tried_settings()}
        return {key: _whole(value) for key, value in given.items() if value not in (None, "")}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value
