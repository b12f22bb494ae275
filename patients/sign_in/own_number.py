"""Is the number in the record still the patient's? Asked every month, so that a call-back reaches them."""

from datetime import datetime, timedelta

from django.db import transaction

from patients.audit import changed
from patients.models import Patient, User

ASK_AGAIN = timedelta(days=30)


def asks_number(patient: Patient, now: datetime) -> bool:
    """Is it time to ask? Not of somebody without a number, or who has said that it is wrong."""
    if not patient.phone or patient.phone_wrong_at:
        return False
    return patient.phone_confirmed_at is None or now - patient.phone_confirmed_at > ASK_AGAIN


def confirm_number(*, patient: Patient, actor: User, now: datetime) -> bool:
    """The patient says of the number patient.phone: still mine. False when the record has another one by now."""
    answer = {"phone_confirmed_at": now, "phone_wrong_at": None}
    return _answered(patient, actor, "confirmed the phone number", answer, now)


def deny_number(*, patient: Patient, actor: User, now: datetime) -> bool:
    """The patient says of patient.phone: not mine. The record keeps it until the clinic has the right one."""
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
    """The clinic wrote down another number, as the patient told it."""
    Patient.all_clinics.filter(pk=patient.pk).update(phone_confirmed_at=now, phone_wrong_at=None)


def proved_by_code(user: User, phone: str, now: datetime) -> None:
    """A code sent to this number was typed in: it is theirs."""
    own = Patient.all_clinics.filter(user=user, phone=phone)
    own.update(phone_confirmed_at=now, phone_wrong_at=None)
