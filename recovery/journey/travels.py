"""Travels that are over: rows that fall due. The clocks of home count again, for the plan too."""

from datetime import datetime

from django.db.models import QuerySet

from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import Travel
from patients.services.travel import end_when_due


def end_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """End the travels that are over, each in its own transaction; returns how many."""
    return walk(TRAVELS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[Travel]:
    return Travel.objects.filter(ended_at__isnull=True, due_at__lte=now)


def _end_one(pk: int, now: datetime) -> bool:
    """End one; False when another process has its or the patient's row, or it is no longer due."""
    rows = _due(now).filter(pk=pk).select_related("patient")
    row = rows.select_for_update(skip_locked=True, no_key=True, of=("self", "patient")).first()
    if row is None:
        return False
    end_when_due(row, now)
    return True


TRAVELS = Sweep(
    name="travels",
    words="A patient's time zone after a trip",
    due=_due,
    handle=_end_one,
    order=("due_at", "pk"),
    clinic="patient__clinic_id",
    patient="patient_id",
    can_wait=True,
)
