"""The present address of a delivery's recipient: a person, a clinic's own system, or the seals mailbox."""

import json

from django.conf import settings
from django.utils import timezone

from alerts.models import WebhookEndpoint
from patients.selectors.people import Contact, contactable
from patients.vault.keys import Unopened

# The mailbox for the hashes of the seals; settings.SEALS_EMAIL is its address.
OPERATOR = "operator:seals"


def where_to(recipient: str, channel: str) -> Contact:
    """The address of a recipient, or the reason why there is none.

    People as in selectors.people.contactable. webhook:ID gives JSON with the address and the secrets that sign.
    """
    if recipient == OPERATOR:
        return Contact(settings.SEALS_EMAIL, "", "UTC", "" if settings.SEALS_EMAIL else "SEALS_EMAIL is not set")
    if channel != "webhook":
        return contactable(recipient, channel)
    kind, _, pk = recipient.partition(":")
    row = WebhookEndpoint.objects.filter(pk=pk).first() if kind == "webhook" and pk.isdigit() else None
    if row is None or row.disabled_at:
        return Contact("", "", "UTC", "the webhook was turned off" if row else "unknown webhook")
    try:
        secrets = row.secrets(timezone.now())
    except Unopened as error:
        return Contact("", "", "UTC", str(error))
    return Contact(json.dumps({"url": row.url, "secrets": secrets}), row.description, "UTC")
