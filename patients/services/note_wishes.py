"""How a patient or helper wants notes, and when a patient wants to be asked for a log."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from patients.audit import changed
from patients.models import Caregiver, Patient, User
from patients.services.records import look_again
from patients.status import lock

WORDS = "chose how notes come"


def wish_ways(*, person: Patient | Caregiver, actor: User, ways: Iterable[str], now: datetime) -> None:
    """Store the ways a person wants; none: the best that works. Urgent messages go by every way all the same."""
    chosen = sorted(set(ways))
    patient = person if isinstance(person, Patient) else person.patient
    with transaction.atomic():
        lock(patient.pk)
        if isinstance(person, Patient):
            Patient.all_clinics.filter(pk=person.pk).update(note_ways=chosen)
        else:
            Caregiver.objects.filter(pk=person.pk).update(note_ways=chosen)
        changed(patient, actor, WORDS, "note_ways", now)


def wish_hours(*, patient: Patient, actor: User, hours: Iterable[int], now: datetime) -> None:
    """Store the full hours, by the patient's clocks, at which to ask for a log; none: as the plan says."""
    with transaction.atomic():
        lock(patient.pk)
        Patient.all_clinics.filter(pk=patient.pk).update(log_hours=sorted(set(hours)))
        look_again(patient, now)
        changed(patient, actor, WORDS, "log_hours", now)
