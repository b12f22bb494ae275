"""Asks patients every 30 days whether their phone number is still right, so that a call-back reaches them."""

from datetime import datetime, timedelta

from django.db import transaction

from patients.audit import changed
from patients.models import Patient, User

ASK_AGAIN = timedelta(days=30)


def asks_number(patient: Patient, now: datetime) -> bool:
    """Return whether to ask now; never without a number, or after the patient said it is wrong."""
    if not patient.phone or patient.phone_wrong_at:
        return False
    return patient.phone_confirmed_at is None or now - patient.phone_confirmed_at > ASK_AGAIN


def confirm_number(*, patient: Patient, actor: User, now: datetime) -> bool:
    """Note that patient.phone is still theirs; returns False when the record has another number by now."""
    answer = {"phone_confirmed_at": now, "phone_wrong_at": None}
    return _answered(patient, actor, "confirmed the phone number", answer, now)


def deny_number(*, patient: Patient, actor: User, now: datetime) -> bool:
    """Note that patient.phone is wrong, for the clinic to correct; returns False when the record has another."""
    return _answered(patient, actor, "said the phone number is wrong", {"phone_wrong_at": now}, now)


def _answered(
    patient: Patient, actor: User, action: str, answer: dict[str, datetime | None], now: datetime
) -> bool:
    with transaction.atomic():
        if not Patient.all_clinics.filter(pk=patient.pk, phone=patient.phone).update(**answer):
            return False
        changed(patient, actor, action, "", now)
    return True


def written_anew(patient: Patient, now: datetime) -> None:
    """Count a new number in the record as confirmed, since the patient told it to the clinic."""
    Patient.all_clinics.filter(pk=patient.pk).update(phone_confirmed_at=now, phone_wrong_at=None)


def proved_by_code(user: User, phone: str, now: datetime) -> None:
    """Count the number as confirmed, because the patient typed in a code sent there."""
    own = Patient.all_clinics.filter(user=user, phone=phone)
    own.update(phone_confirmed_at=now, phone_wrong_at=None)
