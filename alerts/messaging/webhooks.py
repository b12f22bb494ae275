"""Webhook messages: they tell a clinic's own systems that an alert changed, never what it is about.

They are outbox rows, written in the transaction of the change. There are none for watch items: these wait on the
worklist, and a message without a tier must not look like a page.
"""

from datetime import datetime, timedelta

from alerts.messaging import outbox
from alerts.models import Alert, Delivery, WebhookEndpoint
from patients.tiers import URGENT

EVENTS = (
    "alert.opened",
    "alert.escalated",
    "alert.reopened",
    "alert.acknowledged",
    "alert.contacted",
    "alert.resolved",
)
SEND_WITHIN = timedelta(hours=2)


def tell(alert: Alert, event: str, now: datetime) -> None:
    """Tell every enabled endpoint of the alert's clinic. One statement when it has none; none for watch alerts."""
    rows = rows_for(alert, event, now)
    if rows:
        outbox.enqueue_many(rows)


def rows_for(alert: Alert, event: str, now: datetime) -> list[Delivery]:
    """The rows of one event, not saved yet; empty for a watch alert.

    Call it before or after the change: it depends on the alert's tier alone.
    """
    if alert.tier not in URGENT:
        return []
    endpoints = WebhookEndpoint.objects.filter(clinic_id=alert.clinic_id, disabled_at__isnull=True)
    return [
        row(pk, event, now, key=f"alert:{alert.pk}:{event}:{now:%Y%m%dT%H%M%S.%f}", clinic=str(code), alert=alert)
        for pk, code in endpoints.order_by("pk").values_list("pk", "clinic__code")
    ]


def row(
    endpoint_id: int, event: str, now: datetime, *, key: str, clinic: str, alert: Alert | None = None
) -> Delivery:
    """One message to one endpoint, not saved yet: the event's name, its time, and the ids to ask for more by."""
    ids = {"alert": str(alert.code)} if alert else {}
    return Delivery(
        key=f"{key}:webhook:{endpoint_id}",
        channel="webhook",
        recipient=f"webhook:{endpoint_id}",
        message="webhook_event",
        context={"type": event, "at": now.isoformat(), "clinic": clinic, **ids},
        alert=alert,
        urgency=outbox.urgency_of(alert.plan_tier) if alert else 1,
        created_at=now,
        due_at=now,
        send_by=now + SEND_WITHIN,
    )
