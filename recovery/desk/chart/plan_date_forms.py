"""The forms of the chart's plan that set a day of the record: each with a reason, nothing saved unchanged."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from patients.forms.asked_back import AsksBack
from patients.forms.fields import DayField, ZonedDateTimeField
from patients.forms.record_days import check_days
from patients.models import Procedure
from patients.services.clinicians import SET_AGAIN
from recovery.journey.plan_dates import BRACE, THERAPY, THINNER, TITLES, VISIT

NOTHING_NEW = "Nothing is changed yet. Change something, or go back to the chart."
TICK_TOO = "You entered a day: tick this too, or leave the day empty."


class PlanDateForm(AsksBack, forms.Form):
    """Fields of the record about one part of the plan, and why they change.

    key: a key of TITLES. lifts: it lets a medicine start again, so only nurses and physicians may send it.
    switch, day: the field that turns it on and the one with its day, if it has both.
    """

    key, hint = "", ""
    lifts = False
    switch, day = "", ""
    reason = forms.CharField(
        max_length=200,
        label="Why",
        error_messages={"required": "Say why: every change of the plan names who, when and why."},
    )

    def __init__(self, *args: Any, procedure: Procedure, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        initial = {name: getattr(procedure, name, None) for name in (*self.base_fields, "ended_at")}
        super().__init__(*args, **{"auto_id": f"day_{self.key}_%s", "initial": initial, **kwargs})
        self.order_fields([name for name in self.fields if name != "reason"])
        self.zone, self.now = zone, now.astimezone(zone)
        for field in self.fields.values():
            if isinstance(field, ZonedDateTimeField):
                field.zone = zone

    @property
    def title(self) -> str:
        """Return what it is about."""
        return TITLES[self.key]

    @property
    def changed(self) -> set[str]:
        """Return the names of the fields of the record that changed."""
        return {name for name in self.changed_data if name != "reason"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.switch and not data.get(self.switch):
            if data.get(self.day) and self.day in self.changed_data:
                self.add_error(self.switch, TICK_TOO)
            data[self.day] = None
        check_days(self, data, self.now)
        if not self.errors and not self.changed:
            self.add_error(None, NOTHING_NEW)
        return data

    @property
    def record(self) -> dict[str, Any]:
        """Return all fields of the record on this form with their values; the form must be valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}

    @property
    def written(self) -> set[str]:
        """Return the fields to store: the changed ones, and the day that ends with what is turned off."""
        off = self.switch and not self.cleaned_data[self.switch]
        return self.changed | ({self.day} if off else set())


class RestartForm(PlanDateForm):
    """The day the blood thinner on hold is started again."""

    key, lifts = THINNER, True
    hint = "Without a day the patient is told to ask, and not to start it."
    thinner_restart_on = DayField(required=False, label="Start it again on")
    restart_again = forms.BooleanField(
        required=False, label="Set this day again: it was held back, and counts now"
    )

    def __init__(self, *args: Any, procedure: Procedure, **kwargs: Any) -> None:
        super().__init__(*args, procedure=procedure, **kwargs)
        if not procedure.thinner_restart_on:
            del self.fields[SET_AGAIN]


class BraceForm(PlanDateForm):
    """Whether the patient wears a brace, and until when."""

    key, switch, day = BRACE, "brace_prescribed", "brace_until"
    hint = "The patient is reminded each morning while it is on."
    brace_prescribed = forms.BooleanField(required=False, label="Wears a brace")
    brace_until = DayField(required=False, label="Until", help_text="Empty: no end is set.")


class TherapyForm(PlanDateForm):
    """Whether physical therapy is ordered, and when it starts."""

    key, switch, day = THERAPY, "pt_ordered", "pt_start_on"
    pt_ordered = forms.BooleanField(required=False, label="Physical therapy is ordered")
    pt_start_on = DayField(required=False, label="Starts on")


class VisitForm(PlanDateForm):
    """When and with whom the next visit is."""

    key, switch, day = VISIT, "", ""
    hint = "On the clocks of the clinic. Empty: no visit is set."
    next_visit_at = ZonedDateTimeField(required=False, label="When")
    next_visit_with = forms.CharField(required=False, max_length=120, label="With")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("next_visit_with") and not data.get("next_visit_at") and "next_visit_at" not in self.errors:
            self.add_error("next_visit_at", "Enter when the visit is, or leave both empty.")
        return data


KINDS: tuple[type[PlanDateForm], ...] = (RestartForm, BraceForm, TherapyForm, VisitForm)
FORMS: dict[str, type[PlanDateForm]] = {kind.key: kind for kind in KINDS}
