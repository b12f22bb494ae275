"""Forms of the policy and on-call pages. Bounds are those of the database constraints."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from alerts.channels.safe_http import LONGEST_URL
from alerts.models import EscalationStep, OnCallShift
from alerts.plan import CHANNEL_WORDS, NO_PERSON, URGENT_CHANNELS, Plan, Step
from patients.forms.fields import phone_field
from patients.models import Clinic, Staff
from patients.selectors import active_staff

MOST_STEPS = 8
LONGEST_SHIFT_DAYS = 7
PERSON = "person"
# How a browser writes a date with a time.
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


CHANNEL_CHOICES = [(name, words[0].upper() + words[1:]) for name, words in CHANNEL_WORDS.items()]


class PolicyForm(forms.Form):
    """How often the last step repeats, and how long an acknowledgement lasts."""

    repeat_minutes = forms.IntegerField(
        min_value=1,
        max_value=60,
        label="Repeat the last step every … minutes",
        help_text="1 to 60. It repeats until somebody answers.",
    )
    ack_minutes = forms.IntegerField(
        min_value=1,
        max_value=60,
        label="Whoever takes an alert has … minutes",
        help_text="1 to 60. Without a contact or an outcome by then, everyone is asked again.",
    )
    reason = forms.CharField(
        max_length=300,
        label="Why",
        help_text="It stays on record with your name.",
        error_messages={"required": "Say why: every change names who, when and why."},
    )


class StepForm(forms.Form):
    """One step. The first starts at once, whatever its wait says."""

    wait_minutes = forms.IntegerField(
        min_value=0, max_value=60, initial=5, label="Minutes after the step before", help_text="0 to 60"
    )
    who = forms.ChoiceField(label="Tell", error_messages={"required": "Choose whom to tell, or tick Remove."})
    channels = forms.MultipleChoiceField(
        choices=CHANNEL_CHOICES,
        initial=list(URGENT_CHANNELS),
        widget=forms.CheckboxSelectMultiple,
        label="By",
        error_messages={"required": "Choose at least one way to tell them."},
    )

    def __init__(self, *args: Any, staff: list[Staff], ways: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = self.fields["channels"]
        assert isinstance(channels, forms.MultipleChoiceField)
        channels.choices = [choice for choice in CHANNEL_CHOICES if choice[0] in ways]
        self.names = {f"{PERSON}:{person.pk}": person.name for person in staff}
        roles = [choice for choice in EscalationStep.Audience.choices if choice[0] != PERSON]
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)
        who.choices = [("", "Choose"), *roles, ("A person", list(self.names.items()))]

    def clean_channels(self) -> list[str]:
        """A step tells a person: a system of the clinic alone is nobody."""
        channels: list[str] = self.cleaned_data["channels"]
        if channels == [NO_PERSON]:
            raise forms.ValidationError("Your own systems are told beside people. Add another way.")
        return channels

    def is_filled(self) -> bool:
        """False only for the empty row at the end."""
        return not self.empty_permitted or self.has_changed()

    def as_step(self, first: bool) -> Step:
        """The step of a valid form."""
        data = self.cleaned_data
        audience, _, staff_id = data["who"].partition(":")
        return Step(
            0 if first else data["wait_minutes"],
            audience,
            int(staff_id) if staff_id else None,
            tuple(data["channels"]),
            self.names.get(data["who"], ""),
        )


class StepFormSet(forms.BaseFormSet):
    """The steps of one plan, in order, with one empty row for another."""

    def clean(self) -> None:
        """A plan has at least one step."""
        if not any(self.errors) and not self.kept():
            raise forms.ValidationError("A plan needs at least one step.")

    def kept(self) -> list[StepForm]:
        """The filled rows that are not to be removed."""
        return [form for form in self.forms if form.is_filled() and not form.cleaned_data.get("DELETE")]


StepRows = forms.formset_factory(
    StepForm, formset=StepFormSet, extra=1, max_num=MOST_STEPS, validate_max=True, can_delete=True
)


def step_initial(plan: Plan) -> list[dict[str, Any]]:
    """A plan as the rows show it."""
    return [
        {
            "wait_minutes": step.wait_minutes,
            "who": f"{PERSON}:{step.staff_id}" if step.audience == PERSON else step.audience,
            "channels": list(step.channels),
        }
        for step in plan.steps
    ]


def plan_from(form: PolicyForm, rows: Any) -> Plan:
    """The plan of a valid form and its valid rows."""
    steps = tuple(row.as_step(first=number == 0) for number, row in enumerate(rows.kept()))
    return Plan(steps, form.cleaned_data["repeat_minutes"], form.cleaned_data["ack_minutes"])


class ShiftForm(forms.Form):
    """One shift, typed in the clinic's own time (activate its zone around this form)."""

    staff = forms.ModelChoiceField(queryset=Staff.objects.none(), label="Who", empty_label="Choose")
    starts_at = forms.DateTimeField(
        label="From",
        input_formats=[LOCAL_FORMAT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_FORMAT),
    )
    ends_at = forms.DateTimeField(
        label="Until",
        input_formats=[LOCAL_FORMAT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_FORMAT),
    )

    def __init__(self, *args: Any, clinic: Clinic, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        ids = [person.pk for person in active_staff(clinic) if person.role != Staff.Role.MANAGER]
        who = self.fields["staff"]
        assert isinstance(who, forms.ModelChoiceField)
        who.queryset = Staff.objects.filter(pk__in=ids).select_related("user")

    def clean(self) -> dict[str, Any]:
        """Ends after it starts, not over yet, at most a week, and not on top of the person's other shifts."""
        data = super().clean() or {}
        starts_at, ends_at, staff = data.get("starts_at"), data.get("ends_at"), data.get("staff")
        if not (starts_at and ends_at and staff):
            return data
        if ends_at <= starts_at:
            self.add_error("ends_at", "The shift has to end after it starts.")
        elif ends_at <= self.now:
            self.add_error("ends_at", "This shift is over already.")
        elif ends_at - starts_at > timedelta(days=LONGEST_SHIFT_DAYS):
            self.add_error("ends_at", f"A shift lasts at most {LONGEST_SHIFT_DAYS} days. Add the next as another.")
        elif OnCallShift.objects.filter(staff=staff, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            self.add_error("starts_at", f"{staff.name} is on call in this time already.")
        return data

    def save(self, clinic: Clinic) -> OnCallShift:
        """The valid shift as a row."""
        staff = self.cleaned_data["staff"]
        return OnCallShift.objects.create(
            clinic=clinic,
            staff=staff,
            role=staff.role,
            starts_at=self.cleaned_data["starts_at"],
            ends_at=self.cleaned_data["ends_at"],
        )


def next_full_hour(now: datetime) -> datetime:
    """A friendly first value, in the active zone."""
    return timezone.localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


class EndpointForm(forms.Form):
    """A system of the clinic to tell. Whether its address may be used is asked by alerts.services.endpoints."""

    description = forms.CharField(
        max_length=80,
        label="What it is",
        help_text="Such as: pager gateway",
        error_messages={"required": "Say what it is, such as: pager gateway."},
    )
    url = forms.CharField(
        max_length=LONGEST_URL,
        label="Address",
        help_text="It begins with https://",
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
        error_messages={"required": "Enter the address of your system, such as https://alerts.example.org/kypho"},
    )


class MobileForm(forms.Form):
    """A mobile number to be reached by."""

    number = phone_field(label="Mobile number", help_text="Texts never say what is wrong, or with whom.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["number"]
        number.required = True
        number.error_messages["required"] = "Enter a mobile number, such as (312) 555-0142."


class VerifyForm(forms.Form):
    """The six digits that were sent there."""

    code = forms.CharField(
        label="The 6-digit code",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-box"}
        ),
        error_messages={"required": "Enter the 6 digits from the message."},
    )
