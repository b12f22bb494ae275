"""Records who changed a patient's record, in the transaction of the change."""

from datetime import datetime

from patients.models import AccessEvent, Patient, User

SUBJECT_MOST = 80


def changed(patient: Patient, actor: User, action: str, subject: str, now: datetime) -> None:
    """Write one access event. The subject names what was changed, never the values."""
    AccessEvent.objects.create(at=now, actor=actor, patient=patient, action=action, subject=subject[:SUBJECT_MOST])
