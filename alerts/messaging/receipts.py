"""Receipts: a provider's reports about messages it took. They update deliveries and never answer an alert."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from alerts.failpoints import failpoint
from alerts.messaging import address_health
from alerts.messaging.outbox import again_later, email_instead, hold_alert, next_step_now
from alerts.models import Delivery

State = Delivery.State
# The error of a call that was not answered; the rule of silence looks for it (recovery.state.silence).
NO_ANSWER = "nobody answered the call"


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
    """Record a provider's report about a message. Returns the row when it changed, else None.

    state: SENT, DELIVERED or DEAD. A row only moves forward, even when receipts repeat or come in the wrong order.
    key: finds a row without a provider id, when the receipt came before the provider's answer or the answer was
    lost. theirs: the failure is about the address; otherwise the address stays good and the message is sent anew.
    """
    with transaction.atomic():
        row = _receipt_row(channel, provider_id, key)
        if row is None or (state == State.SENT and row.state == State.SENT):
            return None
        # An earlier try failed. The latest try may still arrive, so only its failure counts.
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
    """The row of a receipt, locked; None when it was never tried or has its final state already."""
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
