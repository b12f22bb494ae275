"""Questions about alerts, for the rules, the worklist and the chart."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from alerts.models import Alert, AlertEvent, AlertSign, ProcessBeat
from alerts.plan import next_move, read_plan
from patients.models import Clinic, Patient

ACTIVE = (Alert.State.OPEN, Alert.State.ACKED)
# Resolved signs matter to the rules for this long (clinical rules, DF-27).
RESOLVED_COUNT_HOURS = 168
WATCHDOG = "watchdog"


def active_alert(patient_id: int) -> Alert | None:
    """The patient's open or acknowledged alert, with who took it; None when there is none."""
    rows = Alert.objects.filter(patient_id=patient_id, state__in=ACTIVE)
    return rows.select_related("acked_by__user").first()


def alert_objects(patient_id: int, ended_at: datetime, now: datetime) -> list[dict[str, Any]]:
    """What the rules read (log_schema, alert object): open signs, and those resolved in the last 168 h."""
    recent = Q(resolved_at__isnull=True) | Q(resolved_at__gte=now - timedelta(hours=RESOLVED_COUNT_HOURS))
    rows = AlertSign.objects.filter(recent, patient_id=patient_id).order_by("opened_at", "id")
    return [_alert_object(row, ended_at) for row in rows]


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


def board_alerts(clinic: Clinic, patient_ids: Iterable[int]) -> dict[int, Alert]:
    """The active alerts of some patients of a clinic, by patient id, with open signs and who took them."""
    open_signs = AlertSign.objects.filter(resolved_at__isnull=True).order_by("opened_at", "id")
    rows = Alert.objects.filter(clinic=clinic, patient_id__in=list(patient_ids), state__in=ACTIVE)
    rows = rows.select_related("acked_by__user").prefetch_related(
        Prefetch("signs", queryset=open_signs, to_attr="open_signs")
    )
    return {alert.patient_id: alert for alert in rows}


def next_in_words(alert: Alert, zone: str) -> str:
    """What happens next, from the alert's own plan, without a query: "all nurses at 10:04"."""
    if alert.next_step_at is None:
        return ""
    time = f"{alert.next_step_at.astimezone(ZoneInfo(zone)):%H:%M}"
    if alert.state == Alert.State.ACKED:
        return f"waits again for everyone at {time}" if alert.tier != Alert.Tier.WATCH else f"until {time}"
    move = next_move(read_plan(alert.plan, alert.tier), alert.round, alert.step, alert.next_step_at)
    return f"{move.step.audience_words} at {time}"


def history(alert: Alert) -> list[AlertEvent]:
    """All that happened to an alert, oldest first, with the names of who did it."""
    return list(AlertEvent.objects.filter(alert=alert).select_related("staff__user").order_by("at", "id"))


def alerts_of(patient: Patient) -> list[Alert]:
    """All alerts of a patient, newest first, with signs and events loaded (three queries)."""
    rows = Alert.objects.filter(patient=patient).select_related("acked_by__user", "resolved_by__user")
    events = AlertEvent.objects.select_related("staff__user").order_by("at", "id")
    rows = rows.prefetch_related("signs", Prefetch("events", queryset=events, to_attr="history"))
    return list(rows.order_by("-opened_at"))


def broken_promises() -> list[str]:
    """What the watchdog found broken on its last round; empty when all was well."""
    row = ProcessBeat.objects.filter(name=WATCHDOG).first()
    return list(row.detail.get("broken", [])) if row else []
