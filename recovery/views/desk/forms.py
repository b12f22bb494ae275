"""What a nurse writes down about an alert."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from alerts.models import Alert, AlertSign
from patients.forms.fields import ZonedDateTimeField
from patients.models import Staff

NOTE_MOST = 2000
CALL_BACK_WITHIN = timedelta(hours=48)
NOT_REACHED = "not_reached"
LEVELS = [
    (AlertSign.Ack.CONTACTED.value, "Spoke with the patient and gave a plan"),
    (AlertSign.Ack.EVALUATED.value, "Examined in person"),
    (NOT_REACHED, "Not reached"),
]
# The last one is the system's own.
OUTCOMES = [choice for choice in Alert.Outcome.choices if choice[0] != Alert.Outcome.SIGN_GONE]


def note_field(label: str, *, required: bool = True) -> forms.CharField:
    """Free text of a bounded length."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write a short note: the next person relies on it."},
    )


class ContactForm(forms.Form):
    """Reached or not, what was said, and when to call again."""

    level = forms.ChoiceField(
        choices=LEVELS,
        widget=forms.RadioSelect,
        label="Was the patient reached?",
        error_messages={"required": "Choose one."},
    )
    note = note_field("What was said, and the plan")
    call_back_by = ZonedDateTimeField(
        required=False, label="Next check or call-back", help_text="Within 48 hours, on the clocks of the clinic."
    )

    def __init__(self, *args: Any, now: datetime, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        field = self.fields["call_back_by"]
        assert isinstance(field, ZonedDateTimeField)
        field.zone = ZoneInfo(zone)

    def clean_call_back_by(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["call_back_by"]
        if at and not self.now < at <= self.now + CALL_BACK_WITHIN:
            raise ValidationError("Choose a time within the next 48 hours.")
        return at


class ResolveForm(forms.Form):
    """Why an alert can be closed."""

    outcome = forms.ChoiceField(
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        label="Outcome",
        error_messages={"required": "Choose an outcome."},
    )
    note = note_field("What was found and done")


class HandOverForm(forms.Form):
    """To whom, and what they should know."""

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
        """The chosen person of a valid form."""
        return self.colleagues[self.cleaned_data["to_staff"]]
