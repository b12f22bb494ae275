"""Is the number in the record still the patient's? Asked every month, so that a call-back reaches them."""

from datetime import datetime, timedelta

from django.db import transaction

from patients.models import Patient, User
from patients.services.audit import changed

ASK_AGAIN = timedelta(days=30)


def asks_number(patient: Patient, now: datetime) -> bool:
    """Is it time to ask? Not of somebody without a number, or who has said that it is wrong."""
    if not patient.phone or patient.phone_wrong_at:
        return False
    return patient.phone_confirmed_at is None or now - patient.phone_confirmed_at > ASK_AGAIN


def confirm_number(*, patient: Patient, actor: User, now: datetime) -> None:
    """The patient says: this is still my number."""
    with transaction.atomic():
        Patient.all_clinics.filter(pk=patient.pk).update(phone_confirmed_at=now, phone_wrong_at=None)
        changed(patient, actor, "confirmed the phone number", "", now)


def deny_number(*, patient: Patient, actor: User, now: datetime) -> None:
    """The patient says: this is not my number. The record keeps it until the clinic has the right one."""
    with transaction.atomic():
        Patient.all_clinics.filter(pk=patient.pk).update(phone_wrong_at=now)
        changed(patient, actor, "said the phone number is wrong", "", now)


def written_anew(patient: Patient, now: datetime) -> None:
    """The clinic wrote down another number, as the patient told it."""
    Patient.all_clinics.filter(pk=patient.pk).update(phone_confirmed_at=now, phone_wrong_at=None)


def proved_by_code(user: User, phone: str, now: datetime) -> None:
    """A code sent to this number was typed in: it is theirs."""
    own = Patient.all_clinics.filter(user=user, phone=phone)
    own.update(phone_confirmed_at=now, phone_wrong_at=None)
