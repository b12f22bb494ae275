"""What patients wrote and nobody at the clinic has read yet: a note no rule understands must not lie there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from patients import scoping
from patients.models import AccessEvent, Patient, Staff
from recovery.models import DailyLog

# The chart shows every note; opening it is written down, so it is known who has read what.
OPENED = "opened the chart"
LOOK_BACK = timedelta(days=14)
READ_WITHIN = timedelta(hours=4)
MOST = 500
URGENT_FIRST = ("patient__work_rank", "received_at", "id")


@dataclass(frozen=True)
class Note:
    """Who wrote something, and since when it waits for a reader."""

    patient: Patient
    since: datetime


def unread_notes(staff: Staff, now: datetime) -> list[Note]:
    """One per patient: who stands higher on the list first, then the oldest; all of them, in one statement."""
    wrote = (
        Q(answers__notes__regex=r"\S")
        | Q(answers__question_for_team__regex=r"\S")
        | Q(left_over__has_key="unread")
    )
    mine = scoping.for_staff(staff)
    logs = DailyLog.objects.filter(wrote, patient__in=mine, received_at__gte=now - LOOK_BACK)
    read = AccessEvent.objects.filter(patient=OuterRef("patient"), action=OPENED, at__gte=OuterRef("received_at"))
    rows = logs.filter(~Exists(read), procedure__closed_at__isnull=True)
    first = rows.order_by("patient_id", "received_at", "id").distinct("patient_id")
    waiting = DailyLog.objects.filter(pk__in=first.values("pk")).select_related("patient")
    return [Note(log.patient, log.received_at) for log in waiting.order_by(*URGENT_FIRST)[:MOST]]
