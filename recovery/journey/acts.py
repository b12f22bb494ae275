"""Record a call or an examination and what comes of it in one step, with or without an alert.

The contact and the closing of an alert are two facts: both are stored, or neither is.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from alerts.lifecycle.double_press import NO_FORM, Press
from alerts.models import Alert, AlertSign
from patients.models import Patient, Staff
from recovery.journey import actions, writing

PATIENT, HELPER, IN_PERSON, NOBODY = "patient", "helper", "in_person", "nobody"
DONE = "done"
# What is stored when nothing was typed, and before what was typed when it was not the patient who spoke.
WITH_WHOM = {
    PATIENT: "Spoke with the patient.",
    HELPER: "Spoke with a helper.",
    IN_PERSON: "Examined in person.",
    NOBODY: "",
}


@dataclass(frozen=True)
class Act:
    """What staff did. reached: one of WITH_WHOM. outcome: how the alert ended; empty while it goes on."""

    reached: str
    note: str = ""
    outcome: str = ""
    next_check_at: datetime | None = None
    seen_by: datetime | None = None
    call_back_by: datetime | None = None
    worth: str = ""

    @property
    def level(self) -> str:
        """Return the level of the contact, as the rules know it."""
        if self.reached == NOBODY:
            return "not_reached"
        examined = self.reached == IN_PERSON or self.outcome == Alert.Outcome.SEEN_IN_CLINIC
        return AlertSign.Ack.EVALUATED if examined else AlertSign.Ack.CONTACTED

    @property
    def words(self) -> str:
        """Return the note to store: with whom staff spoke when that is not plain, and what was typed."""
        if self.note and self.reached != HELPER:
            return self.note
        return f"{WITH_WHOM[self.reached]} {self.note}".strip()


def act_on_alert(*, staff: Staff, code: uuid.UUID, act: Act, now: datetime, press: Press = NO_FORM) -> Alert:
    """Record the act on an alert, and close the alert when the act has an outcome; return the alert.

    If a colleague closed the alert meanwhile, the contact is kept without an alert. AlertError as the actions.
    """
    if act.reached == NOBODY:
        return actions.record_try(staff=staff, code=code, note=act.note, now=now, press=press)
    with transaction.atomic():
        alert = actions.record_contact(
            staff=staff,
            code=code,
            level=act.level,
            note=act.words,
            call_back_by=act.call_back_by,
            next_check_at=act.next_check_at,
            seen_by=act.seen_by,
            now=now,
            press=press,
        )
        if act.outcome and alert.state != Alert.State.RESOLVED:
            actions.resolve(
                staff=staff,
                code=code,
                outcome=act.outcome,
                note=act.note,
                now=now,
                press=Press(press.once),
                worth=act.worth,
            )
    return alert


def act_without_alert(*, staff: Staff, patient: Patient, act: Act, now: datetime, press: Press = NO_FORM) -> None:
    """Record the act on the chart. CameMeanwhileError when an alert opened that the page did not show."""
    writing.write_down(
        staff=staff,
        patient=patient,
        kind=act.level,
        note=act.note if act.reached == NOBODY else act.words,
        now=now,
        once=press.once,
        call_back_by=act.call_back_by,
        minutes=press.minutes,
    )
