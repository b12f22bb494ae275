"""Unread notes: words of patients that staff have not read. No rule may understand them, so staff must."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from patients import scoping
from patients.models import AccessEvent, Patient, Staff
from recovery.models import DailyLog

# The chart shows every note, and the access log records who opened it; so we know which notes were read.
OPENED = "opened the chart"
LOOK_BACK = timedelta(days=14)
READ_WITHIN = timedelta(hours=4)
MOST = 500
URGENT_FIRST = ("patient__work_rank", "received_at", "id")


@dataclass(frozen=True)
class Note:
    """A patient with an unread note, and since when it waits."""

    patient: Patient
    since: datetime


# Logs with free text or with an unreadable answer.
WROTE = (
    Q(answers__notes__regex=r"\S") | Q(answers__question_for_team__regex=r"\S") | Q(left_over__has_key="unread")
)


def words_read() -> Exists:
    """Return an expression for a log: whether staff opened the chart since it arrived."""
    looks = scoping.rows_of(AccessEvent, patient=OuterRef("patient")).filter(action=OPENED)
    return Exists(looks.filter(at__gte=OuterRef("received_at")))


def unread(logs: QuerySet[DailyLog], now: datetime | Now) -> QuerySet[DailyLog]:
    """Return the logs with unread words, of the last days and of open recoveries."""
    lately = logs.filter(WROTE, received_at__gte=now - LOOK_BACK, procedure__closed_at__isnull=True)
    return lately.filter(~words_read())


def unread_notes(staff: Staff, now: datetime) -> list[Note]:
    """Return one unread note per patient, in the order of the worklist, then oldest first; one statement."""
    rows = unread(scoping.rows_of(DailyLog, patient=scoping.for_staff(staff)), now)
    first = rows.order_by("patient_id", "received_at", "id").distinct("patient_id")
    waiting = scoping.joined(DailyLog).filter(pk__in=first.values("pk")).select_related("patient")
    return [Note(log.patient, log.received_at) for log in waiting.order_by(*URGENT_FIRST)[:MOST]]
