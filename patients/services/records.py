"""Correct a patient's record: person, procedure and sign-in together, and have the plan looked at again."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from patients.models import Patient, Procedure, Staff, User
from patients.services.audit import changed
from patients.services.enrolment import new_user, refuse_duplicates
from patients.services.errors import NotPossible


def save_record(
    *,
    staff: Staff,
    patient: Patient,
    procedure: Procedure | None,
    person: dict[str, Any],
    fields: list[str],
    another_person: bool,
    now: datetime,
) -> None:
    """Save a changed person and procedure (already holding the new values) in one transaction.

    fields names what was changed. A new phone or e-mail is also the new sign-in.
    """
    refuse_duplicates(staff.clinic, person, another_person=another_person, own=patient)
    try:
        with transaction.atomic():
            patient.user = _sign_in(patient, person)
            for name, value in person.items():
                setattr(patient, name, value)
            patient.save(update_fields=[*person, "user"])
            if procedure is not None:
                procedure.save()
            look_again(patient, now)
            changed(patient, staff.user, "changed the record", ", ".join(fields), now)
    except IntegrityError:
        refuse_duplicates(staff.clinic, person, another_person=True, own=patient)
        raise


def _sign_in(patient: Patient, person: dict[str, Any]) -> User:
    """The patient's user with the new name and addresses; a new number has to prove itself again."""
    user = patient.user
    if user is None:
        return new_user(person["first_name"], person["last_name"], person["phone"], person["email"])
    if user.phone != (person["phone"] or None):
        user.phone_verified = False
    user.first_name, user.last_name = person["first_name"], person["last_name"]
    user.phone, user.email = person["phone"] or None, person["email"]
    user.save(update_fields=["first_name", "last_name", "phone", "email", "phone_verified"])
    return user


def look_again(patient: Patient, now: datetime) -> None:
    """Have the plan of this patient looked at by the next sweep; a closed recovery stays closed."""
    Patient.all_clinics.filter(pk=patient.pk, plan_due_at__isnull=False).update(plan_due_at=now)


def close_recovery(*, staff: Staff, patient: Patient, procedure: Procedure, now: datetime) -> None:
    """End the watch over this recovery: no reminders, no silence. The record stays."""
    if procedure.ended_at >= now:
        raise NotPossible("This procedure has not ended yet.")
    with transaction.atomic():
        procedure.closed_at = now
        procedure.save(update_fields=["closed_at"])
        changed(patient, staff.user, "closed the recovery", "", now)


def start_recovery(*, staff: Staff, patient: Patient, procedure: Procedure, now: datetime) -> None:
    """Watch over a new procedure of a known patient."""
    with transaction.atomic():
        procedure.patient = patient
        procedure.save()
        Patient.all_clinics.filter(pk=patient.pk).update(plan_due_at=now)
        changed(patient, staff.user, "started a recovery", "", now)
