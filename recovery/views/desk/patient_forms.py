"""What staff write down about a patient, whether an alert waits or not."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from patients.forms.fields import ZonedDateTimeField
from recovery.models import PatientContact
from recovery.views.desk.forms import note_field

# Further back than this nobody begins a stay: a slip of the keyboard.
STAY_BACK = timedelta(days=366)


class PatientContactForm(forms.Form):
    """What it was, and what was said."""

    once = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        choices=PatientContact.Kind.choices,
        widget=forms.RadioSelect,
        label="What was it?",
        error_messages={"required": "Choose one."},
    )
    note = note_field("What was said, advised or found")

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"once": str(uuid.uuid4())}, **kwargs)
        # a call that nobody answered needs no words
        self.fields["note"].required = self.data.get("kind") != PatientContact.Kind.NOT_REACHED


class StayForm(forms.Form):
    """Since when, and what is known."""

    at = ZonedDateTimeField(label="In the hospital since", error_messages={"required": "Say since when."})
    note = note_field("Where and why, as far as you know")
    earliest = "Choose a time within the last year."

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        now: datetime,
        zone: ZoneInfo,
        since: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, initial={"at": now}, **kwargs)
        self.now, self.since = now, since or now - STAY_BACK
        field = self.fields["at"]
        assert isinstance(field, ZonedDateTimeField)
        field.zone = zone
        field.help_text = "On the clocks of the clinic."

    def clean_at(self) -> datetime:
        """Not yet to come, and not before it can have been."""
        at: datetime = self.cleaned_data["at"]
        # the form shows whole minutes
        if at > self.now:
            raise ValidationError("This is still to come: choose now or a time before it.")
        if at < self.since.replace(second=0, microsecond=0):
            raise ValidationError(self.earliest)
        return max(at, self.since)


class EndStayForm(StayForm):
    """Since when they are home, and what the hospital said."""

    at = ZonedDateTimeField(label="Home since", error_messages={"required": "Say since when."})
    note = note_field("What the hospital said, and what counts now")
    earliest = "This is before the stay began."
