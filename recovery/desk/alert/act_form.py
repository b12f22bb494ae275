"""The form of the act panel: reached or not, what was said, and what comes next, with or without an alert."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from alerts.models import Alert
from patients.forms.fields import ZonedDateTimeField
from patients.tiers import CALL_911
from recovery.desk.alert.alert_forms import (
    CALL_BACK_WITHIN,
    OUTCOMES,
    SOON_MINUTES,
    AlertForm,
    minutes_field,
    note_field,
)
from recovery.desk.desk_words import clock_words
from recovery.journey.acts import DONE, HELPER, IN_PERSON, NOBODY, PATIENT, Act

REACHED = [(PATIENT, "Patient"), (HELPER, "Helper"), (IN_PERSON, "In person"), (NOBODY, "Nobody")]
AGAIN, SEEN = "again", "seen"
NOTE_OF_911 = "Write what was found and done: this was a 911 alert."
SAY_HOW_IT_ENDED = "Choose how it ended."
SAY_WHAT_IS_NEXT = "Choose what comes next: done, or look again."
NOTE_NEEDED = "Write what it was about: without an alert nothing else says it."
TOO_LATE = "Choose a time within the next 48 hours."
NO_PROMISE = "Nobody was reached, so nobody heard this promise. Leave it empty."


class ActForm(AlertForm):
    """One call or examination. A note may stay empty, but not to close a 911 alert, and not without an alert."""

    alert = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reached = forms.ChoiceField(
        choices=REACHED,
        widget=forms.RadioSelect,
        label="Reached?",
        error_messages={"required": "Choose whom you reached, or nobody."},
    )
    note = note_field("What was said", required=False)
    then = forms.ChoiceField(choices=[], required=False, widget=forms.RadioSelect, label="Then")
    outcome = forms.ChoiceField(choices=OUTCOMES, required=False, widget=forms.RadioSelect, label="How it ended")
    worth = forms.ChoiceField(
        choices=Alert.Worth.choices,
        required=False,
        widget=forms.RadioSelect,
        label="Was this alert worth your time?",
    )
    next_check_at = ZonedDateTimeField(required=False, label="Look again at")
    seen_by = ZonedDateTimeField(required=False, label="To be examined by")
    call_back_by = ZonedDateTimeField(required=False, label="Call-back promised by")
    minutes = minutes_field()

    def __init__(
        self,
        *args: Any,
        now: datetime,
        zone: str,
        about: Alert | None,
        to_be_seen: datetime | None = None,
        watched: bool = True,
        **kwargs: Any,
    ) -> None:
        """about: the alert of the page. to_be_seen: until when to examine the patient, if a talk is not enough.

        watched: a recovery is open; without one no call-back is promised, because no list would show it.
        """
        super().__init__(*args, **{"auto_id": "act_%s", **kwargs})
        self.initial["alert"] = about.code if about else None
        self.now, self.about, self.to_be_seen = now, about, to_be_seen
        self._choose_fields(watched)
        for name in self.times:
            field = self.fields[name]
            assert isinstance(field, ZonedDateTimeField)
            field.zone = ZoneInfo(zone)
            soon = {"data-soon": SOON_MINUTES[name], "data-zone": zone}
            field.widget.attrs |= soon | {"data-now": int(now.timestamp() * 1000)}

    def _choose_fields(self, watched: bool) -> None:
        """Keep the fields that have a meaning here."""
        if self.about is None:
            for name in ("then", "outcome", "worth", "next_check_at", "seen_by"):
                del self.fields[name]
        else:
            choices = [(DONE, "Done"), (AGAIN, "Look again"), (SEEN, "To be seen")]
            then = self.fields["then"]
            assert isinstance(then, forms.ChoiceField)
            then.choices = choices if self.to_be_seen else choices[:2]
            if self.to_be_seen is None:
                del self.fields["seen_by"]
        if not watched:
            del self.fields["call_back_by"]

    @property
    def times(self) -> list[str]:
        """Return the names of the fields that are a time."""
        return [name for name in SOON_MINUTES if name in self.fields]

    @property
    def latest(self) -> str:
        """Return until when the patient must be examined, in words; "" when a talk is enough."""
        if self.to_be_seen is None:
            return ""
        return clock_words(self.to_be_seen, self.now, self.fields["seen_by"].zone)  # type: ignore[attr-defined]

    def clean_next_check_at(self) -> datetime | None:
        return self._within(
            "next_check_at", self.now + CALL_BACK_WITHIN, "Choose a time within the next 48 hours."
        )

    def clean_call_back_by(self) -> datetime | None:
        return self._within("call_back_by", self.now + CALL_BACK_WITHIN, TOO_LATE)

    def clean_seen_by(self) -> datetime | None:
        most = self.to_be_seen or self.now
        return self._within("seen_by", most, f"Choose a time from now to {self.latest}, or leave it empty.")

    def _within(self, name: str, most: datetime, words: str) -> datetime | None:
        at: datetime | None = self.cleaned_data[name]
        if at and not self.now < at <= most:
            raise ValidationError(words)
        return at

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        reached = typed.get("reached")
        if reached == NOBODY and typed.get("call_back_by"):
            self.add_error("call_back_by", NO_PROMISE)
        if self.about is None:
            if reached not in (None, NOBODY) and not typed.get("note"):
                self.add_error("note", NOTE_NEEDED)
        elif reached not in (None, NOBODY):
            self._ask_what_is_next(self.about, typed)
        return typed

    def _ask_what_is_next(self, about: Alert, typed: Mapping[str, Any]) -> None:
        if not typed.get("then") and "then" not in self.errors:
            self.add_error("then", SAY_WHAT_IS_NEXT)
        if typed.get("then") == DONE:
            if not typed.get("outcome") and "outcome" not in self.errors:
                self.add_error("outcome", SAY_HOW_IT_ENDED)
            if about.tier == CALL_911 and not typed.get("note"):
                self.add_error("note", NOTE_OF_911)

    @property
    def act(self) -> Act:
        """Return what a valid form says; a field of a step that was not chosen does not count."""
        typed = self.cleaned_data
        reached, then = typed["reached"], typed.get("then")
        if reached == NOBODY:
            return Act(reached, typed["note"])
        done = then == DONE
        return Act(
            reached=reached,
            note=typed["note"],
            outcome=typed.get("outcome") or "" if done else "",
            worth=typed.get("worth") or "" if done else "",
            next_check_at=typed.get("next_check_at") if then == AGAIN else None,
            seen_by=typed.get("seen_by") if then == SEEN else None,
            call_back_by=None if done else typed.get("call_back_by"),
        )
