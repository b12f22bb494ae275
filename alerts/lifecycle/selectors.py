"""Queries about alerts for the rules and the journey."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet

from alerts.models import Alert, AlertEvent, AlertSign, SetAside
from alerts.states import ACTIVE
from alerts.sweeping.one_by_one import set_aside
from patients.prepared import Prepared
from patients.scoping import rows_of

# For how many hours the rules still read a resolved sign (clinical rules, DF-27).
RESOLVED_COUNT_HOURS = 168
WATCHDOG = "watchdog"
MOST_SET_ASIDE = 500


def active_alert(patient_id: int) -> Alert | None:
    """The patient's open or acknowledged alert, with who took it; None when there is none."""
    rows = rows_of(Alert, patient=patient_id).filter(state__in=ACTIVE)
    return rows.select_related("acked_by__user").first()


def newest_event(alert: Alert) -> int:
    """The id of the newest event of an alert; 0 when it has none."""
    newest: int | None = rows_of(AlertEvent, alert=alert).aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def alert_objects(patient_id: int, ended_at: datetime, now: datetime) -> list[dict[str, Any]]:
    """The signs that the rules read (log_schema, alert object): open ones, and those resolved in the last 168 h.

    Times are in hours since ended_at, the end of the procedure. Oldest first.
    """
    return as_objects(read_signs(patient_id, now), ended_at)


def read_signs(patient_id: int, now: datetime) -> list[AlertSign]:
    """The rows of signs_that_count, read."""
    return _counting(patient=patient_id, since=_since(now))


def signs_that_count(patient_id: int, now: datetime) -> QuerySet[AlertSign]:
    """The rows behind alert_objects, oldest first."""
    return _resolved_after(patient_id, _since(now))


def _since(now: datetime) -> datetime:
    return now - timedelta(hours=RESOLVED_COUNT_HOURS)


def _resolved_after(patient: int, since: datetime) -> QuerySet[AlertSign]:
    recent = Q(resolved_at__isnull=True) | Q(resolved_at__gte=since)
    return rows_of(AlertSign, patient=patient).filter(recent).order_by("opened_at", "id")


_counting = Prepared(_resolved_after)


def as_objects(signs: Iterable[AlertSign], ended_at: datetime) -> list[dict[str, Any]]:
    """Rows of signs_that_count in the form the rules read; times in hours since ended_at."""
    return [_alert_object(row, ended_at) for row in signs]


def set_aside_of_clinic(clinic_id: int, now: datetime) -> list[SetAside]:
    """The rows of a clinic that sweeps have set aside, with their patients: longest first, at most 500."""
    rows = set_aside(now).filter(clinic_id=clinic_id).select_related("patient")
    return list(rows[:MOST_SET_ASIDE])


def _alert_object(row: AlertSign, ended_at: datetime) -> dict[str, Any]:
    return {
        "sign": row.sign,
        "tier": row.tier,
        "opened_hours": _hours(row.opened_at, ended_at),
        "status": "resolved" if row.resolved_at else "open",
        "ack": row.ack,
        "ack_hours": _hours(row.acked_at, ended_at) if row.acked_at else None,
        "snapshot": row.snapshot,
    }


def _hours(at: datetime, ended_at: datetime) -> float:
    return (at - ended_at).total_seconds() / 3600
