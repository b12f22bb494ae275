"""What patients wrote and nobody at the clinic has read yet: a note no rule understands must not lie there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

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


# What somebody wrote in their own words, or sent as an answer nobody could read.
WROTE = (
    Q(answers__notes__regex=r"\S") | Q(answers__question_for_team__regex=r"\S") | Q(left_over__has_key="unread")
)


def words_read() -> Exists:
    """Of a log: has somebody of the clinic opened the chart since it came in?"""
    looks = scoping.rows_of(AccessEvent, patient=OuterRef("patient")).filter(action=OPENED)
    return Exists(looks.filter(at__gte=OuterRef("received_at")))


def unread(logs: QuerySet[DailyLog], now: datetime | Now) -> QuerySet[DailyLog]:
    """Those with words nobody has read, of the last days of recoveries that are watched."""
    lately = logs.filter(WROTE, received_at__gte=now - LOOK_BACK, procedure__closed_at__isnull=True)
    return lately.filter(~words_read())


def unread_notes(staff: Staff, now: datetime) -> list[Note]:
    """One per patient: who stands higher on the list first, then the oldest; all of them, in one statement."""
    rows = unread(scoping.rows_of(DailyLog, patient=scoping.for_staff(staff)), now)
    first = rows.order_by("patient_id", "received_at", "id").distinct("patient_id")
    waiting = scoping.joined(DailyLog).filter(pk__in=first.values("pk")).select_related("patient")
    return [Note(log.patient, log.received_at) for log in waiting.order_by(*URGENT_FIRST)[:MOST]]
