"""What a patient agreed to, from when to when."""

from datetime import datetime

from django.db import transaction

from patients.models import Caregiver, Consent, Patient, User
from patients.services.audit import changed
from patients.services.enrolment import WORDING


def agree(*, patient: Patient, purpose: str, actor: User, now: datetime) -> None:
    """A live agreement exists from now on; one that lives already is left as it is."""
    with transaction.atomic():
        _, new = Consent.objects.get_or_create(
            patient=patient,
            purpose=purpose,
            withdrawn_at=None,
            defaults={"wording_version": WORDING, "granted_at": now},
        )
        if new:
            changed(patient, actor, "agreed", purpose, now)


def withdraw(*, patient: Patient, purpose: str, actor: User, now: datetime) -> None:
    """The agreement ends now. Without agreement to helpers nobody may help: their rights end too."""
    with transaction.atomic():
        live = Consent.objects.filter(patient=patient, purpose=purpose, withdrawn_at__isnull=True)
        if live.update(withdrawn_at=now):
            changed(patient, actor, "withdrew", purpose, now)
        if purpose == Consent.Purpose.HELPERS:
            Caregiver.objects.filter(patient=patient, removed_at__isnull=True).update(removed_at=now)


def live_purposes(patient: Patient) -> set[str]:
    """What the patient agrees to now."""
    rows = Consent.objects.filter(patient=patient, withdrawn_at__isnull=True)
    return set(rows.values_list("purpose", flat=True))
