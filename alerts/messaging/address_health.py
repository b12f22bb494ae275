"""Record with an address whether deliveries to it arrive, so that its owner sees what is broken."""

from datetime import datetime

from django.db.models import F, QuerySet

from alerts.models import Delivery, WebhookEndpoint
from patients.reaching import contact_outcomes
from patients.selectors.devices import devices_named


def arrived(row: Delivery, now: datetime) -> None:
    """A delivery arrived: clear the address's earlier failures. One statement."""
    if row.channel == "webhook":
        _webhook(row.recipient).update(dead_in_a_row=0, last_arrived_at=now, last_error="")
    else:
        contact_outcomes.note_success(row.recipient, row.channel, now)


def failed(row: Delivery, error: str, now: datetime, *, gone: bool = False) -> None:
    """A delivery can never arrive: note the failure. gone: the address no longer exists, so it is removed."""
    if row.channel == "webhook":
        _webhook(row.recipient).update(dead_in_a_row=F("dead_in_a_row") + 1, last_error=error[:300])
    elif gone:
        devices_named(row.recipient).delete()
    else:
        contact_outcomes.note_failure(row.recipient, row.channel, error, row.claimed_at, now)


def _webhook(recipient: str) -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(pk=recipient.removeprefix("webhook:"))
