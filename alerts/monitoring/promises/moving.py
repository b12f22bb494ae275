"""Promises about alerts and sweeps: no alert waits past its next step, and no row stays set aside."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from alerts.models import Alert, Delivery
from alerts.monitoring.promises.base import MOST, OVERDUE_SECONDS, Offender, Promise
from alerts.states import ACTIVE
from alerts.sweeping.one_by_one import set_aside
from patients.tiers import URGENT

# This is long enough to try two channels of the first step.
NOBODY_TOLD = timedelta(minutes=5)
ARRIVED = (Delivery.State.SENT, Delivery.State.DELIVERED)


def overdue(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Active alerts whose next step is more than a minute late."""
    late = now - timedelta(seconds=OVERDUE_SECONDS)
    rows = Alert.objects.filter(state__in=ACTIVE, next_step_at__lt=late).order_by("next_step_at")
    return _alerts(rows, clinic_id, "next_step_at", timedelta(seconds=OVERDUE_SECONDS))


def nobody_told(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Open urgent alerts, five minutes old, of which no message to staff has left except on the board."""
    left = Delivery.objects.filter(alert=OuterRef("pk"), state__in=ARRIVED, recipient__startswith="staff:")
    waiting = Alert.objects.filter(state=Alert.State.OPEN, tier__in=URGENT, clock_started_at__lt=now - NOBODY_TOLD)
    waiting = waiting.filter(clinic__is_canary=False)
    rows = waiting.filter(~Exists(left.exclude(channel="board"))).order_by("clock_started_at")
    return _alerts(rows, clinic_id, "clock_started_at", NOBODY_TOLD)


def stands_still(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Rows that a sweep failed to handle more than once and has set aside."""
    rows = set_aside(now).select_related("patient")
    if clinic_id is not None:
        rows = rows.filter(clinic_id=clinic_id)
    return [
        Offender(f"{row.sweep}: {row.error} at {row.where}, row", str(row.row), row.since, row.clinic_id, code)
        for row, code in ((row, row.patient.code if row.patient else None) for row in rows[: MOST + 1])
    ]


def _alerts(rows: QuerySet[Alert], clinic_id: int | None, since: str, allowed: timedelta) -> list[Offender]:
    if clinic_id is not None:
        rows = rows.filter(clinic_id=clinic_id)
    found = rows.values_list("code", "clinic_id", "patient__code", since)[: MOST + 1]
    return [Offender("alert", str(code), at + allowed, clinic, patient) for code, clinic, patient, at in found]


MOVING = (
    Promise(
        "alerts-move",
        "An alert that waits for its next step gets it within a minute.",
        "alerts are overdue: {count}, for more than 60 seconds",
        overdue,
    ),
    Promise(
        "alerts-are-told",
        "Within five minutes somebody is told of an urgent alert by more than the screen.",
        "urgent alerts of which no message has left: {count}, for more than 5 minutes",
        nobody_told,
    ),
    Promise(
        "no-row-stands-still",
        "Whatever falls due for a person goes through: no plan, note or alert is set aside.",
        "what fell due could not be done and was set aside, while all else goes on: {count}",
        stands_still,
    ),
)
