"""The patient's answer about ice reminders, asked once on day 0; there are none until they say yes."""

from datetime import datetime

from django.db import transaction

from patients.audit import changed
from patients.models import Patient, Procedure, User
from patients.services.records import look_again

WORDS = {True: "asked for ice reminders", False: "wants no ice reminders"}


def answer_ice(*, patient: Patient, actor: User, wanted: bool, now: datetime) -> bool:
    """Store the answer and have the plan made again; returns False when no recovery is open."""
    with transaction.atomic():
        open_now = Procedure.objects.filter(patient=patient, closed_at__isnull=True)
        if not open_now.update(ice_reminders=wanted, ice_answered_at=now):
            return False
        look_again(patient, now)
        changed(patient, actor, WORDS[wanted], "", now)
    return True
