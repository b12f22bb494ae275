"""Travels: the patient says where they are and until when; reminders and quiet hours follow their clocks there.

Steps of the plan never come sooner by a travel (recovery.plan.situation). The patient ends it, or the end of the
last day. Staff write the zone of home (patients.services.records).
"""

from datetime import datetime

from django.db import transaction

from patients.audit import changed
from patients.models import Patient, Travel, User
from patients.services.records import look_again
from patients.status import lock

MOST_DAYS = 90


def begin_travel(*, patient: Patient, actor: User, zone: str, due_at: datetime, now: datetime) -> bool:
    """Set the patient's zone until due_at; another travel ends. Returns False, and ends any, for the home zone."""
    with transaction.atomic():
        lock(patient.pk)
        home = _end(patient, now) or Patient.all_clinics.values_list("timezone", flat=True).get(pk=patient.pk)
        if zone != home:
            Travel.objects.create(
                patient=patient, zone=zone, home_zone=home, began_at=now, began_by=actor, due_at=due_at
            )
            Patient.all_clinics.filter(pk=patient.pk).update(timezone=zone)
        look_again(patient, now)
        changed(patient, actor, "is travelling" if zone != home else "is at home again", zone, now)
    return zone != home


def end_travel(*, patient: Patient, actor: User, now: datetime) -> bool:
    """End the travel now; returns False when there is none."""
    with transaction.atomic():
        lock(patient.pk)
        home = _end(patient, now)
        if not home:
            return False
        look_again(patient, now)
        changed(patient, actor, "is at home again", home, now)
    return True


def end_when_due(travel: Travel, now: datetime) -> None:
    """End a travel whose last day is over. The patient's row must be locked."""
    _end(travel.patient, now)
    look_again(travel.patient, now)


def _end(patient: Patient, now: datetime) -> str:
    """End the open travel and set the zone back; returns the home zone, "" when there was no travel."""
    travel = Travel.objects.filter(patient=patient, ended_at__isnull=True).first()
    if travel is None:
        return ""
    Travel.objects.filter(pk=travel.pk).update(ended_at=now)
    Patient.all_clinics.filter(pk=patient.pk).update(timezone=travel.home_zone)
    return travel.home_zone
