"""The forms about a patient that need no alert."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from patients.forms.fields import ZonedDateTimeField
from recovery.desk.alert.alert_forms import CALL_BACK_WITHIN, SOON_MINUTES, minutes_field, note_field
from recovery.logs.read import PAST_ALLOWED
from recovery.models import PatientContact

# A stay that begins longer ago is taken for a typing error.
STAY_BACK = timedelta(days=366)


class PatientContactForm(forms.Form):
    """Record a contact, a call or a note. about: the alert that the page shows, if any."""

    about = forms.UUIDField(required=False, widget=forms.HiddenInput)
    once = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        choices=PatientContact.Kind.choices,
        widget=forms.RadioSelect,
        label="What was it?",
        error_messages={"required": "Choose one."},
    )
    note = note_field("What was said, advised or found")
    call_back_by = ZonedDateTimeField(
        required=False,
        label="Call-back promised to the patient by",
        help_text="The patient sees it. Within 48 hours, by the clinic’s clocks. When the time passes, you are"
        " told.",
    )
    minutes = minutes_field()

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        now: datetime,
        zone: str,
        watched: bool = True,
        about: uuid.UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """watched: a recovery is open. Without one the worklist would not show a promised call-back."""
        super().__init__(data, initial={"once": str(uuid.uuid4()), "about": about}, **kwargs)
        self.now = now
        if watched:
            field = self.fields["call_back_by"]
            assert isinstance(field, ZonedDateTimeField)
            field.zone = ZoneInfo(zone)
            soon = {"data-soon": SOON_MINUTES["call_back_by"], "data-zone": zone}
            field.widget.attrs |= soon | {"data-now": int(now.timestamp() * 1000)}
        else:
            del self.fields["call_back_by"]
        # a call without an answer needs no note
        self.fields["note"].required = self.data.get("kind") != PatientContact.Kind.NOT_REACHED

    def shows(self, about: uuid.UUID) -> None:
        """Note that the page now shows this alert, so that the next press counts for it."""
        self.data = {name: self.data[name] for name in self.data} | {"about": str(about)}

    def clean_call_back_by(self) -> datetime | None:
        """Refuse a call-back that is too far away or that no one would be told of."""
        at: datetime | None = self.cleaned_data["call_back_by"]
        if at and not self.now < at <= self.now + CALL_BACK_WITHIN:
            raise ValidationError("Choose a time within the next 48 hours.")
        if at and self.cleaned_data.get("kind") == PatientContact.Kind.NOT_REACHED:
            raise ValidationError(
                "Nobody was reached, so nobody heard this promise. Leave it empty, or choose “Note” and write down"
                " to whom it was made."
            )
        return at


class StayForm(forms.Form):
    """Begin a hospital stay: since when, and what is known."""

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
        """Refuse a time in the future or too long ago."""
        at: datetime = self.cleaned_data["at"]
        # the form shows whole minutes
        if at > self.now:
            raise ValidationError("This is still to come: choose now or a time before it.")
        if at < self.since.replace(second=0, microsecond=0):
            raise ValidationError(self.earliest)
        return max(at, self.since)


class EndStayForm(StayForm):
    """End a hospital stay: since when the patient is home, and what the hospital said."""

    at = ZonedDateTimeField(label="Home since", error_messages={"required": "Say since when."})
    note = note_field("What the hospital said, and what counts now")
    earliest = "This is before the stay began."


class TakenAtForm(forms.Form):
    """When the patient gave the answers: now, unless the nurse changes it."""

    when = ZonedDateTimeField(
        label="When did the patient say this?",
        required=False,
        error_messages={"invalid": "Choose a date and a time.", "year": "Choose a date and a time."},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, now: datetime, zone: ZoneInfo, **kwargs: Any
    ) -> None:
        super().__init__(data, initial={"when": now.replace(second=0, microsecond=0)}, **kwargs)
        self.now = now
        field = self.fields["when"]
        assert isinstance(field, ZonedDateTimeField)
        field.zone = zone
        field.help_text = "On the clocks of the clinic. Leave it as it is when you are on the phone now."

    def clean_when(self) -> datetime | None:
        """Refuse a time in the future, or so long ago that it would count as a wrong clock."""
        when: datetime | None = self.cleaned_data["when"]
        if when and when > self.now:
            raise ValidationError("This is still to come: choose now or a time before it.")
        if when and when < self.now - PAST_ALLOWED:
            raise ValidationError(f"Choose a time within the last {PAST_ALLOWED.days} days.")
        return when

    @property
    def answered_at(self) -> datetime:
        """Return the time of the form, in whole minutes; now when it is empty or unreadable.

        An urgent log must not wait for a corrected date.
        """
        when: datetime | None = None if "when" in self.errors else self.cleaned_data.get("when")
        return when if when and when < self.now.replace(second=0, microsecond=0) else self.now
