"""Keep a contact, a call or a note as the patient's own: no alert is needed for it."""

from datetime import datetime

from django.db import transaction

from alerts.models import Alert
from alerts.services.errors import AlertError
from alerts.services.locking import NO_ACCESS, hold
from patients.models import Patient, Staff
from patients.status import lock
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
) -> PatientContact:
    """One row, however often the same form is sent. AlertError when the access of this person was stopped.

    alert: the one it was meant for, closed meanwhile.
    """
    with transaction.atomic():
        if staff.pk not in hold(staff):
            raise AlertError(NO_ACCESS)
        lock(patient.pk)
        known = PatientContact.objects.filter(patient=patient, staff=staff, once=once).first() if once else None
        return known or PatientContact.objects.create(
            patient=patient, staff=staff, kind=kind, note=note, at=now, once=once, alert=alert
        )
