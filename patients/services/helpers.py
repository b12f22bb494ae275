"""Helpers: a sign-in of their own, rights that end, and the patient's agreement."""

from datetime import datetime

from django.db import IntegrityError, transaction

from patients.addresses import Address, user_at
from patients.models import Caregiver, Consent, Patient, User
from patients.services.audit import changed
from patients.services.consents import agree
from patients.services.enrolment import new_user
from patients.services.errors import NotPossible

OWN = "This is the patient’s own address. A helper needs one of their own."


def add_helper(
    *,
    patient: Patient,
    actor: User,
    address: Address,
    first_name: str,
    last_name: str,
    relationship: str,
    may_log: bool,
    may_be_alerted: bool,
    expires_at: datetime | None,
    now: datetime,
) -> Caregiver:
    """Let somebody help until expires_at; adding the same person again replaces their rights.

    Asking for a helper is the patient's agreement to helpers. A known sign-in is used, a new one made.
    """
    if str(address) in (patient.phone and patient.phone.as_e164, patient.email.lower()):
        raise NotPossible(OWN, field="address")
    with transaction.atomic():
        user = _helper_user(address, first_name, last_name)
        if user.pk == patient.user_id:
            raise NotPossible(OWN, field="address")
        live = Caregiver.objects.filter(patient=patient, user=user, removed_at__isnull=True)
        live.update(removed_at=now)
        helper = Caregiver.objects.create(
            patient=patient,
            user=user,
            relationship=relationship,
            may_log=may_log,
            may_be_alerted=may_be_alerted,
            expires_at=expires_at,
        )
        agree(patient=patient, purpose=Consent.Purpose.HELPERS, actor=actor, now=now)
        changed(patient, actor, "added a helper", relationship, now)
    return helper


def _helper_user(address: Address, first_name: str, last_name: str) -> User:
    """The person at this address; somebody suspended there cannot be made a helper."""
    known = user_at(address)
    if known:
        return known
    try:
        with transaction.atomic():
            return new_user(first_name, last_name, address.phone, address.email)
    except IntegrityError:
        raise NotPossible("This address cannot be used. Enter another one.", field="address") from None


def remove_helper(*, patient: Patient, actor: User, pk: int, now: datetime) -> bool:
    """Their right ends now; False when it had ended already."""
    with transaction.atomic():
        live = Caregiver.objects.filter(pk=pk, patient=patient, removed_at__isnull=True)
        if not live.update(removed_at=now):
            return False
        changed(patient, actor, "removed a helper", "", now)
    return True
