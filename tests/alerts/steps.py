"""What tests of alerts do again and again."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from alerts import lifecycle
from alerts.lifecycle import SignInput
from alerts.models import Alert, AlertEvent, AlertSign, Delivery, OnCallShift
from patients.models import Patient, Staff
from patients.status import lock

NUMB = SignInput("numb", "call_doctor_now", snapshot={"regions": ["numb_legs"]})
FEVER = SignInput("fever", "call_doctor_now", snapshot={"temp_c": 38.4})
CHEST = SignInput("em_chest_pain", "call_911")
TIRED = SignInput("RW-02", "watch")
SILENT = SignInput("RW-24", "watch")
BLADDER = SignInput("bladder", "call_doctor_now", seen_within_hours=4, snapshot={"level": "leak"})
# From Wednesday at 10:00, when the tests begin, to Thursday at 16:00 in the clinic: so long a contact counts.
CONTACT_RESTS = timedelta(hours=30)
PRIORITY = {"call_911": "P0", "call_doctor_now": "P2", "watch": "P4"}


def minutes(count: float) -> timedelta:
    """A short way to say it."""
    return timedelta(minutes=count)


def raise_for(patient: Patient, *signs: SignInput, now: datetime, priority: str = "") -> Alert:
    """What judging a log does: lock the patient, raise the alert with the highest tier of the signs."""
    tier = min(sign.tier for sign in signs)  # call_911 < call_doctor_now < watch, as letters go
    with transaction.atomic():
        lock(patient.pk)
        return lifecycle.raise_alert(
            patient=patient, tier=tier, priority=priority or PRIORITY[tier], signs=signs, now=now
        )


def fresh(alert: Alert) -> Alert:
    """The alert as the database has it."""
    return Alert.objects.get(pk=alert.pk)


def sign_of(alert: Alert, key: str) -> AlertSign:
    """One open or closed sign of an alert."""
    return AlertSign.objects.get(alert=alert, sign=key)


def what_happened(alert: Alert) -> list[str]:
    """The events of an alert, in order."""
    return list(AlertEvent.objects.filter(alert=alert).order_by("id").values_list("what", flat=True))


def told(alert: Alert, channel: str = "email", **which: Any) -> list[str]:
    """Who has a delivery by a channel, as staff:5, in the order they were written."""
    rows = Delivery.objects.filter(alert=alert, channel=channel, **which).order_by("id")
    return list(rows.values_list("recipient", flat=True))


def status(patient: Patient) -> tuple[int, datetime | None, str]:
    """Where a patient stands on the worklist."""
    row = Patient.all_clinics.get(pk=patient.pk)
    return row.work_rank, row.waiting_since, row.nurse_priority


def shift(staff: Staff, starts_at: datetime, hours: float, **fields: Any) -> OnCallShift:
    """A row of the on-call week."""
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}
    return OnCallShift.objects.create(clinic=staff.clinic, staff=staff, role=staff.role, **times, **fields)
