"""Receipts: what a provider says became of a message it took. They move messages forward and answer no alert."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from alerts.failpoints import failpoint
from alerts.messaging import address_health
from alerts.messaging.outbox import again_later, email_instead, hold_alert, next_step_now
from alerts.models import Delivery

State = Delivery.State


def record_receipt(
    *,
    channel: str,
    provider_id: str,
    state: str,
    now: datetime,
    key: str = "",
    error: str = "",
    theirs: bool = True,
) -> Delivery | None:
    """A provider says what became of a message: state is SENT, DELIVERED or DEAD. The row when it moved on.

    A row only moves forward, whatever comes twice or in the wrong order, and no receipt answers an alert. By its
    key a row is found that we never saw taken: the receipt was faster than the answer, or the answer was lost.
    theirs: whether a failure is about the address; else nobody's number is broken, and it is sent anew.
    """
    with transaction.atomic():
        row = _receipt_row(channel, provider_id, key)
        if row is None or (state == State.SENT and row.state == State.SENT):
            return None
        # Another try of the same message may still arrive: only the last one's failure counts.
        if state == State.DEAD and row.provider_id not in ("", provider_id):
            return None
        failpoint("in_receipt")
        fields: dict[str, Any] = {"state": state, "claim_token": None, "lease_until": None, "error": error[:300]}
        if not row.provider_id:
            fields |= {"provider_id": provider_id, "sent_at": now}
        if state == State.DELIVERED:
            fields["delivered_at"] = now
        Delivery.objects.filter(pk=row.pk).update(**fields)
        if state == State.DEAD:
            next_step_now(row, error, now)
            if theirs:
                address_health.failed(row, error, now)
                email_instead(row, now)
            else:
                again_later(row, error, now)
        if state == State.DELIVERED:
            address_health.arrived(row, now)
    return row


def _receipt_row(channel: str, provider_id: str, key: str) -> Delivery | None:
    """The row of a receipt, locked, unless its end is known or it was never tried."""
    if not provider_id:
        return None
    tried = Q(state__in=(State.CLAIMED, State.SENT)) | Q(state=State.PENDING, attempts__gt=0)
    known = Q(key=key) if key else Q(provider_id=provider_id)
    rows = Delivery.objects.filter(tried, known, channel=channel)
    found = rows.first()
    if found is None:
        return None
    hold_alert(found)
    return rows.select_for_update().filter(pk=found.pk).first()
