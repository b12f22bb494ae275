"""Store a contact, a call or a note about a patient without an alert."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from alerts.lifecycle.locking import NO_ACCESS, hold
from alerts.models import Alert
from alerts.models.refusals import AlertError
from alerts.screens import live
from patients.models import Patient, Staff
from patients.status import lock
from recovery.journey import call_backs
from recovery.models import PatientContact


def keep(
    *,
    staff: Staff,
    patient: Patient,
    kind: str,
    note: str,
    now: datetime,
    once: str = "",
    alert: Alert | None = None,
    call_back_by: datetime | None = None,
    minutes: int | None = None,
    about: str = "",
) -> PatientContact:
    """Store one row, also when the same form is sent several times. AlertError when the staff's access has ended.

    alert: the alert it was meant for, closed meanwhile. call_back_by: stores the promised call-back as a row that
    falls due. minutes: of staff, if they wrote them down. about: the day of the plan it tells of.
    """
    with transaction.atomic():
        if staff.pk not in hold(staff):
            raise AlertError(NO_ACCESS)
        lock(patient.pk)
        known = PatientContact.objects.filter(patient=patient, staff=staff, once=once).first() if once else None
        if known:
            return known
        if kind in call_backs.SPOKE:
            call_backs.settle(staff=staff, patient=patient, now=now)
        if call_back_by:
            call_backs.promise(staff=staff, patient=patient, due_at=call_back_by, now=now)
        transaction.on_commit(lambda: live.publish(patient.clinic_id))
        return PatientContact.objects.create(
            patient=patient,
            staff=staff,
            kind=kind,
            note=note,
            at=now,
            once=once,
            alert=alert,
            minutes=minutes,
            about=about,
        )


def with_times(note: str, timezone: str, *times: datetime | None) -> str:
    """Return the note followed by the promised times in words, in the clinic's time zone."""
    zone = ZoneInfo(timezone)
    given = zip(("Call-back promised by", "Look again at", "To be seen by"), times, strict=False)
    said = [f"{words} {at.astimezone(zone):%b %-d, %-I:%M %p}." for words, at in given if at]
    return " ".join([note, *said]).strip()
