"""The forms of an alert's actions."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from alerts.lifecycle.double_press import Press
from alerts.models import Alert, AlertSign
from alerts.models.alert import SNOOZE_MOST
from patients.forms.fields import ZonedDateTimeField
from patients.models import Staff
from patients.values.bounds import MINUTES
from recovery.desk.desk_words import clock_words

NOTE_MOST = 2000
CALL_BACK_WITHIN = timedelta(hours=48)
NOT_REACHED = "not_reached"
# One tap instead of a calendar (static/js/in_minutes.js).
SOON_MINUTES = {"call_back_by": "15,30,60,240", "seen_by": "60,120,240", "next_check_at": "60,240,720,1440"}
NOTE_MISSING = "Write a short note: the next person relies on it."
# A snooze ends before the digest counts what waits.
SNOOZE_ENDS = time(7, 0)
DAYS = [(1, "Tomorrow"), *((n, f"In {n} days") for n in range(2, SNOOZE_MOST.days + 1))]
LEVELS = [
    (AlertSign.Ack.CONTACTED.value, "Spoke with the patient and gave a plan"),
    (AlertSign.Ack.EVALUATED.value, "Examined in person"),
    (NOT_REACHED, "Called, not reached"),
]
# SIGN_GONE is set only by the system.
OUTCOMES = [choice for choice in Alert.Outcome.choices if choice[0] != Alert.Outcome.SIGN_GONE]


def note_field(label: str, *, required: bool = True) -> forms.CharField:
    """Return a field for free text of a bounded length."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": NOTE_MISSING},
    )


def minutes_field() -> forms.IntegerField:
    """Return the optional field for the minutes of staff, which the RTM report adds up."""
    low, high = int(MINUTES.lowest), int(MINUTES.highest)
    return forms.IntegerField(
        label="Minutes you worked on it",
        required=False,
        min_value=low,
        max_value=high,
        help_text="Only for the RTM report. Leave it empty when you did not look at the clock.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Enter whole minutes from {low} to {high}, or leave it empty."
        ),
    )


class AlertForm(forms.Form):
    """A form about one alert. `once` is the form's id, `seen` the newest event its page showed."""

    once = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, newest: int = 0, **kwargs: Any) -> None:
        super().__init__(data, initial={"once": str(uuid.uuid4()), "seen": newest}, **kwargs)

    def written(self) -> dict[str, Any]:
        """Return the input and the press."""
        data = dict(self.cleaned_data)
        press = Press(data.pop("once"), data.pop("seen"), data.pop("minutes", None))
        return {**data, "press": press}

    def caught_up(self, newest: int) -> None:
        """Note that the page now shows what happened meanwhile, so that the next press is accepted."""
        # one by one, because dict(self.data) would give lists
        typed = {name: self.data[name] for name in self.data}
        self.data = typed | {"seen": str(newest)}


class ContactForm(AlertForm):
    """Record a contact or a call: reached or not, what was said, and when to call again."""

    level = forms.ChoiceField(
        choices=LEVELS,
        widget=forms.RadioSelect,
        label="Was the patient reached?",
        error_messages={"required": "Choose one."},
    )
    note = note_field("What was advised, and the plan")
    call_back_by = ZonedDateTimeField(
        required=False,
        label="Call-back promised to the patient by",
        help_text="The patient sees it. Within 48 hours, on the clocks of the clinic.",
    )
    seen_by = ZonedDateTimeField(required=False, label="To be examined in person by")
    next_check_at = ZonedDateTimeField(
        required=False,
        label="Look again at",
        help_text="The alert asks again then. Without it, at 4 pm of the last working day within 48 hours, or as"
        " your clinic has set it.",
    )

    minutes = minutes_field()

    def __init__(
        self, *args: Any, now: datetime, zone: str, to_be_seen: datetime | None = None, **kwargs: Any
    ) -> None:
        """to_be_seen: the latest time for an examination in person; None when a talk is enough."""
        super().__init__(*args, **kwargs)
        self.now, self.to_be_seen = now, to_be_seen
        self._ask_for_an_examination(ZoneInfo(zone))
        # a call without an answer needs no note
        self.fields["note"].required = self.data.get("level") != NOT_REACHED
        for name, soon in SOON_MINUTES.items():
            if name not in self.fields:
                continue
            field = self.fields[name]
            assert isinstance(field, ZonedDateTimeField)
            field.zone = ZoneInfo(zone)
            field.widget.attrs |= {"data-soon": soon, "data-zone": zone, "data-now": int(now.timestamp() * 1000)}

    def _ask_for_an_examination(self, zone: ZoneInfo) -> None:
        if self.to_be_seen is None:
            del self.fields["seen_by"]
            return
        latest = clock_words(self.to_be_seen, self.now, zone)
        self.fields["seen_by"].help_text = (
            f"After a talk alone, for a sign that must be examined: at the latest {latest}, which counts when you"
            " leave it empty. The patient reads it, and the alert opens again when it passes."
        )

    def clean_seen_by(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["seen_by"]
        if at and self.to_be_seen and not self.now < at <= self.to_be_seen:
            latest = clock_words(self.to_be_seen, self.now, self.fields["seen_by"].zone)  # type: ignore[attr-defined]
            raise ValidationError(f"Choose a time from now to {latest}, or leave it empty.")
        return at

    def clean_call_back_by(self) -> datetime | None:
        return self._soon("call_back_by")

    def clean_next_check_at(self) -> datetime | None:
        return self._soon("next_check_at")

    def _soon(self, name: str) -> datetime | None:
        at: datetime | None = self.cleaned_data[name]
        if at and not self.now < at <= self.now + CALL_BACK_WITHIN:
            raise ValidationError("Choose a time within the next 48 hours.")
        return at


class ResolveForm(AlertForm):
    """Close an alert: the outcome, and why."""

    outcome = forms.ChoiceField(
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        label="Outcome",
        error_messages={"required": "Choose an outcome."},
    )
    note = note_field("What was found and done")
    worth = forms.ChoiceField(
        choices=Alert.Worth.choices,
        widget=forms.RadioSelect,
        label="Was this alert worth your time?",
        help_text="Your honest answer makes the alerts better. It changes nothing for the patient.",
        error_messages={"required": "Tap one: useful, not useful or unsure."},
    )
    worth_reason = forms.ChoiceField(
        choices=[("", "No reason given"), *Alert.WorthReason.choices], required=False, label="Why"
    )
    worth_note = forms.CharField(max_length=300, required=False, label="In your own words")


class SnoozeForm(AlertForm):
    """Snooze a watch item: until when, and why."""

    days = forms.TypedChoiceField(
        coerce=int,
        choices=DAYS,
        widget=forms.RadioSelect,
        label="Show it again",
        help_text="At 7 in the morning, and at once if anything gets worse.",
        error_messages={"required": "Choose how long it can wait."},
    )
    reason = forms.CharField(
        max_length=200, label="Why it can wait", error_messages={"required": "Write why it can wait."}
    )

    def __init__(self, *args: Any, now: datetime, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, ZoneInfo(zone)
        field = self.fields["days"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(days, f"{words}, {self._day(days):%a}") for days, words in DAYS]

    def until(self) -> datetime:
        """Return seven in the morning of that day, in the clinic's time zone, at most seven days from now."""
        day = self._day(self.cleaned_data["days"])
        return min(datetime.combine(day, SNOOZE_ENDS, self.zone), self.now + SNOOZE_MOST)

    def _day(self, days: int) -> date:
        return self.now.astimezone(self.zone).date() + timedelta(days=days)


class HandOverForm(AlertForm):
    """Hand over an alert: to whom, and what they should know."""

    to_staff = forms.ChoiceField(label="Give it to", error_messages={"required": "Choose a colleague."})
    note = note_field("What they should know")

    def __init__(self, *args: Any, colleagues: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(person.pk): person for person in colleagues}
        field = self.fields["to_staff"]
        assert isinstance(field, forms.ChoiceField)
        choices = [(key, f"{person.name}, {person.get_role_display()}") for key, person in self.colleagues.items()]
        field.choices = [("", "Choose"), *choices]

    @property
    def colleague(self) -> Staff:
        """Return the chosen colleague of a valid form."""
        return self.colleagues[self.cleaned_data["to_staff"]]
