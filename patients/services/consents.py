"""Gives and withdraws a patient's consents."""

from datetime import datetime

from django.db import transaction

from patients.audit import changed
from patients.models import Caregiver, Consent, Patient, User
from patients.services.enrolment import WORDING
from patients.status import lock


def agree(*, patient: Patient, purpose: str, actor: User, now: datetime) -> None:
    """Make a live consent; does nothing when there is one already."""
    with transaction.atomic():
        lock(patient.pk)
        _, new = Consent.objects.get_or_create(
            patient=patient,
            purpose=purpose,
            withdrawn_at=None,
            defaults={"wording_version": WORDING, "granted_at": now},
        )
        if new:
            changed(patient, actor, "agreed", purpose, now)


def withdraw(*, patient: Patient, purpose: str, actor: User, now: datetime) -> None:
    """End the consent now. Ending the consent to helpers also ends the rights of all helpers."""
    with transaction.atomic():
        lock(patient.pk)
        live = Consent.objects.filter(patient=patient, purpose=purpose, withdrawn_at__isnull=True)
        if live.update(withdrawn_at=now):
            changed(patient, actor, "withdrew", purpose, now)
        if purpose == Consent.Purpose.HELPERS:
            Caregiver.objects.filter(patient=patient, removed_at__isnull=True).update(removed_at=now)


def newest(patient: Patient) -> dict[str, Consent]:
    """Return the newest consent of each purpose, live or withdrawn."""
    rows = Consent.objects.filter(patient=patient).order_by("granted_at", "pk")
    return {row.purpose: row for row in rows}
