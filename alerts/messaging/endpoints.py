"""A manager adds, changes and turns off the webhooks that tell the clinic's own systems about alerts."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from alerts.messaging import outbox, webhooks
from alerts.messaging.channels import PermanentFailure, TemporaryFailure, safe_http
from alerts.models import Delivery, WebhookEndpoint
from alerts.models.refusals import AlertError
from alerts.models.webhook import new_secret
from alerts.screens import live
from patients.models import Staff

MOST_ENDPOINTS = 10
# How long the old secret still signs beside the new one.
OLD_SECRET_LASTS = timedelta(hours=24)
SAY_WHY = "Say why: it stays on record with your name."
KNOWN = "This address is on the list already."
NOT_FOUND = "We cannot find a server of this name. Check the spelling, and that the name is public."


def add_endpoint(*, staff: Staff, url: str, description: str, now: datetime) -> WebhookEndpoint:
    """Add a webhook. AlertError: the address may not be used, is listed already, or there are ten already."""
    check_url(url)
    if (
        WebhookEndpoint.objects.filter(clinic_id=staff.clinic_id, disabled_at__isnull=True).count()
        >= MOST_ENDPOINTS
    ):
        raise AlertError(f"You have {MOST_ENDPOINTS} webhooks already. Turn one off first.")
    try:
        with transaction.atomic():
            return WebhookEndpoint.objects.create(
                clinic_id=staff.clinic_id,
                url=url,
                description=description,
                secret=new_secret(),
                created_at=now,
                created_by=staff,
            )
    except IntegrityError:
        raise AlertError(KNOWN) from None


def check_url(url: str) -> None:
    """Check an address as every sending does. AlertError when nothing may be sent there."""
    try:
        safe_http.check(url, loopback=settings.OUTBOUND_LOOPBACK, only_loopback=settings.DEMO)
    except TemporaryFailure:
        raise AlertError(NOT_FOUND) from None
    except PermanentFailure as error:
        raise AlertError(str(error)) from None


def rotate_secret(*, staff: Staff, pk: int, now: datetime) -> WebhookEndpoint:
    """Make a new secret. The old one also signs for 24 hours; an even older one stops at once."""
    with transaction.atomic():
        row = _mine(staff, pk)
        row.old_secret, row.old_secret_until, row.secret = row.secret, now + OLD_SECRET_LASTS, new_secret()
        row.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return row


def turn_off(*, staff: Staff, pk: int, reason: str, now: datetime) -> WebhookEndpoint:
    """Turn a webhook off: nothing is sent there any more, and waiting messages are given up or cancelled.

    AlertError without a reason.
    """
    if not reason.strip():
        raise AlertError(SAY_WHY)
    with transaction.atomic():
        row = _mine(staff, pk)
        row.disabled_at, row.disabled_by, row.disabled_reason = now, staff, reason.strip()[:200]
        row.save(update_fields=["disabled_at", "disabled_by", "disabled_reason"])
    return row


def turn_on(*, staff: Staff, pk: int, now: datetime) -> WebhookEndpoint:
    """Turn a webhook on again for events from now on. AlertError when its address may not be used."""
    check_url(_mine(staff, pk).url)  # looks up a name, so it runs before the lock
    try:
        with transaction.atomic():
            row = _mine(staff, pk)
            row.disabled_at, row.disabled_by, row.disabled_reason, row.dead_in_a_row = None, None, "", 0
            row.save(update_fields=["disabled_at", "disabled_by", "disabled_reason", "dead_in_a_row"])
    except IntegrityError:
        raise AlertError(KNOWN) from None
    return row


def send_test(*, staff: Staff, pk: int, now: datetime) -> bool:
    """Send a message of the type "test" through the real outbox. False: one was written in this minute already."""
    endpoint = _mine(staff, pk)
    key = f"webhook-test:{now:%Y%m%dT%H%M}"
    row = webhooks.row(endpoint.pk, "test", now, key=key, clinic=str(staff.clinic.code))
    row.clinic_id = staff.clinic_id
    if Delivery.objects.filter(key=row.key).exists():
        return False
    outbox.enqueue_many([row])
    transaction.on_commit(live.hint_tick)
    return True


def _mine(staff: Staff, pk: int) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.select_for_update(no_key=True).filter(clinic_id=staff.clinic_id, pk=pk)
    with transaction.atomic():
        row = rows.first()
    if row is None:
        raise AlertError("This webhook is not one of your clinic's.")
    return row
