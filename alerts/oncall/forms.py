"""Forms of the on-call week. People type times as the clinic's clocks show them."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from alerts.oncall.gaps import Span
from alerts.oncall.shifts import CAN_BE_ON_CALL, LONGEST_SHIFT, MOST_WEEKS, Wanted, conflict, weekly
from patients.forms.fields import LOCAL_FORMAT, ZonedDateTimeField
from patients.models import Clinic, Staff
from patients.scoping import joined
from patients.values.wall_clock import on_day

AHEAD_MOST = timedelta(days=366)
NOT_A_TIME = "Choose a date and a time."


def wall_time_field(label: str) -> ZonedDateTimeField:
    """A field for a local date and time, whose error messages name its label."""
    words = f"{NOT_A_TIME[:-1]} for “{label}”."
    messages = {"required": words, "invalid": words, "year": words}
    return ZonedDateTimeField(label=label, input_formats=[LOCAL_FORMAT], error_messages=messages)


class SpanForm(forms.Form):
    """A person and a time: who is on call, from when until when."""

    staff = forms.ModelChoiceField(
        queryset=Staff.objects.none(),
        label="Who",
        empty_label="Choose",
        error_messages={"required": "Choose who is on call.", "invalid_choice": "Choose somebody who works here."},
    )
    starts_at = wall_time_field("From")
    ends_at = wall_time_field("Until")

    def __init__(
        self,
        *args: Any,
        clinic: Clinic,
        now: datetime,
        people: list[Staff],
        besides: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.zone, self.besides = now, ZoneInfo(clinic.timezone), besides
        who = self.fields["staff"]
        assert isinstance(who, forms.ModelChoiceField)
        who.queryset = (
            joined(Staff).filter(pk__in=[person.pk for person in people]).select_related("user", "clinic")
        )
        # The caller has read the people already, so the choices need no query.
        who.choices = [
            ("", "Choose"),
            *((person.pk, f"{person.name}, {person.get_role_display().lower()}") for person in people),
        ]
        for name in ("starts_at", "ends_at"):
            field = self.fields[name]
            assert isinstance(field, ZonedDateTimeField)
            field.zone = self.zone

    @property
    def span(self) -> Span:
        """The time of a valid form."""
        return Span(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])

    def spans(self) -> list[Span]:
        """The times of all shifts that a valid form asks for."""
        return [self.span]

    def clean(self) -> dict[str, Any]:
        """Check the times: end after start, not over, within a year, at most 7 days, no overlapping shift."""
        data = super().clean() or {}
        starts_at, ends_at, staff = data.get("starts_at"), data.get("ends_at"), data.get("staff")
        if not (starts_at and ends_at and staff):
            return data
        if ends_at <= starts_at:
            self.add_error("ends_at", "The shift has to end after it starts. Look at the day, too.")
        elif ends_at <= self.now:
            self.add_error("ends_at", "This shift is over already. Choose times that are still to come.")
        elif starts_at > self.now + AHEAD_MOST:
            self.add_error("starts_at", "This is more than a year away. Choose a time within a year.")
        elif ends_at - starts_at > LONGEST_SHIFT:
            self.add_error("ends_at", f"A shift lasts at most {LONGEST_SHIFT.days} days. Add the next as another.")
        elif not self.errors:
            self._clean_conflicts(staff)
        return data

    def _clean_conflicts(self, staff: Staff) -> None:
        for span in self.spans():
            if words := conflict(Wanted(staff, span), self.besides):
                self.add_error("starts_at", words)
                return


class ShiftForm(SpanForm):
    """A new shift, once or every week."""

    weeks = forms.IntegerField(
        label="For how many weeks",
        initial=1,
        min_value=1,
        max_value=MOST_WEEKS,
        required=False,
        help_text=f"1 to {MOST_WEEKS}: the same day and clock times each week.",
        error_messages={
            "invalid": f"Write a whole number from 1 to {MOST_WEEKS}.",
            "min_value": f"Allowed are 1 to {MOST_WEEKS} weeks.",
            "max_value": f"Allowed are 1 to {MOST_WEEKS} weeks.",
        },
    )

    def spans(self) -> list[Span]:
        """One shift per week."""
        return weekly(self.span, self.cleaned_data.get("weeks") or 1, self.zone)


class ColleagueForm(forms.Form):
    """The choice of one colleague."""

    to = forms.TypedChoiceField(label="To whom", coerce=int, error_messages={"required": "Choose a colleague."})

    def __init__(self, *args: Any, people: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people}
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [("", "Choose"), *((pk, person.name) for pk, person in self.people.items())]

    @property
    def colleague(self) -> Staff:
        """The chosen colleague of a valid form."""
        return self.people[self.cleaned_data["to"]]


class ShiftEndForm(ColleagueForm):
    """A note for the next person on call, and whether to hand the alerts over to them."""

    text = forms.CharField(
        label="Note for them",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="They read it here, signed in. Up to 2,000 letters.",
    )
    with_alerts = forms.BooleanField(label="Hand over all alerts I hold", required=False)


def on_call_people(staff: list[Staff]) -> list[Staff]:
    """The staff whose role can be on call."""
    return [person for person in staff if person.role in CAN_BE_ON_CALL]


def next_full_hour(now: datetime, zone: ZoneInfo, first: date) -> datetime:
    """The first value of the form: the next full hour, or that hour on the day first when it lies ahead."""
    hour = timezone.localtime(now, zone).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return max(hour, on_day(first, hour.time(), zone))
