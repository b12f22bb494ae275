"""How a call to staff ended: by a key, by a machine, or by nobody. It never answers an alert by itself."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from alerts.messaging import address_health
from alerts.messaging.outbox import bring_forward, hold_alert
from alerts.models import Alert, AlertEvent, Delivery
from alerts.screens import live
from patients.selectors.people import read_staff

State, End = Delivery.State, Delivery.CallEnd
UNDER_WAY = (State.PENDING, State.CLAIMED, State.SENT)
# Somebody heard it: the phone works, and the row counts as delivered.
HEARD = (End.TAKEN, End.HEARD, End.LATE, End.PASSED)
# After these the alert needs nobody else because of this call.
ENOUGH = (End.TAKEN, End.HEARD, End.LATE)
# What is known of a call only grows: the end that the provider reports is less than a key or a machine's voice.
KNOWS = {End.VOICEMAIL: 2, End.OFF_DUTY: 2, End.PASSED: 3, End.LATE: 3, End.HEARD: 4, End.TAKEN: 4}


def record_end(row: Delivery, end: str, now: datetime, *, provider_id: str = "") -> bool:
    """Record how a call to staff ended; returns whether it was news.

    Repeats and late reports change nothing. When nobody took the alert, the plan's next step comes at once, unless
    another call of the same step is still under way.

    provider_id: the call whose end the provider reports. A line may be busy because an earlier try still rings.
    """
    with transaction.atomic():
        hold_alert(row)
        found = Delivery.objects.select_for_update().get(pk=row.pk)
        if not _is_news(found, end, provider_id):
            return False
        fields: dict[str, Any] = {"call_end": end, "error": "", "claim_token": None, "lease_until": None}
        fields |= {"provider_id": provider_id, "sent_at": now} if provider_id and not found.provider_id else {}
        if end in HEARD:
            fields |= {"state": State.DELIVERED, "delivered_at": now}
        else:
            fields |= {"state": State.DEAD}
        Delivery.objects.filter(pk=row.pk).update(**fields)
        _note_the_phone(found, end, now)
        if found.alert:
            _tell(found, found.alert, end, now)
    return True


def of_the_same_step(row: Delivery) -> QuerySet[Delivery]:
    """The messages of one step about an alert, this one among them: their keys begin alike."""
    begins = row.key.partition(":staff:")[0]
    return Delivery.objects.filter(alert=row.alert_id, key__startswith=f"{begins}:")


def _is_news(row: Delivery, end: str, provider_id: str) -> bool:
    if not row.call_end:
        tried = row.state in (State.CLAIMED, State.SENT) or (row.state == State.PENDING and row.attempts > 0)
        of_an_earlier_try = provider_id and row.provider_id not in ("", provider_id)
        return tried and not (of_an_earlier_try and end not in KNOWS)
    return KNOWS.get(End(end), 1) > KNOWS.get(End(row.call_end), 1)


def _note_the_phone(row: Delivery, end: str, now: datetime) -> None:
    """Note with the number whether calls reach it. A busy line or a voicemail says nothing against it."""
    if end in HEARD:
        address_health.arrived(row, now)
    elif end == End.FAILED:
        address_health.failed(row, End.FAILED.label, now)


def _tell(row: Delivery, alert: Alert, end: str, now: datetime) -> None:
    """Write the event, and go on to the next people when nobody took it and no colleague is being called."""
    detail = {"delivery": row.pk, "end": end, "staff": read_staff(row.recipient)[0]}
    AlertEvent.objects.create(alert=alert, at=now, what="called", detail=detail)
    others = of_the_same_step(row).filter(channel="call", state__in=UNDER_WAY).exclude(pk=row.pk)
    if end not in ENOUGH and not others.exists():
        bring_forward(alert.pk, row, now)
    transaction.on_commit(lambda: live.publish(alert.clinic_id))
    transaction.on_commit(live.hint_tick)
