"""A nurse asks a silent patient for a log now: one more note, which passes the same gates as those of the plan."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from patients.models import Patient, Procedure
from patients.status import lock
from recovery.models import Reminder

# The begin of such a note's key; the plan does not know it, and leaves it alone.
NOW = "asked:"
ASKED = "a message asks for a log. It says only “please open”, never why."
ALREADY = "asked already this hour."
CLOSED = "no recovery is watched, so nothing was sent."


def ask_for_a_log(patient: Patient, now: datetime) -> str:
    """Queue one "please log" and return what to tell the nurse; a second press within the hour queues no other.

    Quiet hours, a stay in the hospital and a log of today hold it back, as they do any other note.
    """
    with transaction.atomic():
        lock(patient.pk)
        procedure = Procedure.objects.filter(patient=patient, closed_at__isnull=True).first()
        if procedure is None:
            return CLOSED
        key = f"{NOW}{now.astimezone(ZoneInfo(patient.timezone)):%Y-%m-%d:%H}"
        _, new = Reminder.objects.get_or_create(procedure=procedure, key=key, defaults={"due_at": now})
        return ASKED if new else ALREADY
