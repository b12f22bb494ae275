"""Record what staff write about a patient at any time: a contact, a call without an answer, a note.

While an alert is active, a contact or call counts for that alert. Without one, or when a colleague closed it
meanwhile, it is kept without an alert, so that no words are refused for coming late.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from alerts.lifecycle.double_press import Press
from alerts.lifecycle.selectors import active_alert
from alerts.models import Alert
from alerts.models.refusals import AlertError
from patients.models import Patient, Staff
from recovery.journey import actions
from recovery.journey.kept_contacts import keep, with_times
from recovery.models import PatientContact

Kind = PatientContact.Kind


CAME_MEANWHILE = (
    "An alert came while this form was open. What you typed is not sent yet. Look at the alert first; if what you "
    "typed counts for it too, press again."
)


class CameMeanwhileError(AlertError):
    """An alert opened that the page did not show: a contact from before it must not answer it."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(CAME_MEANWHILE)
        self.alert = alert


@dataclass(frozen=True)
class Written:
    """The result. alert: the alert it counts for; None when it was kept without an alert."""

    alert: Alert | None = None


def write_down(
    *,
    staff: Staff,
    patient: Patient,
    kind: str,
    note: str,
    now: datetime,
    once: str = "",
    call_back_by: datetime | None = None,
    about: uuid.UUID | None = None,
    minutes: int | None = None,
) -> Written:
    """Record it once, also when the same form is sent several times. AlertError without access to this clinic.

    about: the alert that the page showed. CameMeanwhileError when the active alert is another.
    call_back_by: the promised call-back; staff are told when it is missed, with or without an alert. The patient
    must come from patients.scoping.
    """
    alert = active_alert(patient.pk) if kind != Kind.NOTE else None
    if alert is None:
        words = with_times(note, patient.clinic.timezone, call_back_by)
        keep(
            staff=staff,
            patient=patient,
            kind=kind,
            note=words,
            now=now,
            once=once,
            call_back_by=call_back_by,
            minutes=minutes,
        )
        return Written()
    if alert.code != about:
        raise CameMeanwhileError(alert)
    press = Press(once, minutes=minutes)
    if kind == Kind.NOT_REACHED:
        answered = actions.record_try(staff=staff, code=alert.code, note=note, now=now, press=press)
    else:
        answered = actions.record_contact(
            staff=staff, code=alert.code, level=kind, note=note, call_back_by=call_back_by, now=now, press=press
        )
    return Written(answered)
