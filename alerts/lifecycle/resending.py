"""A manager sends a message again by hand; a row records who did so and when."""

from datetime import datetime, timedelta

from django.db import transaction

from alerts.lifecycle.tell_colleague import HANDED_OVER, STILL_THERE
from alerts.messaging import outbox
from alerts.models import Alert, Delivery, DeliveryAction
from alerts.models.refusals import AlertError
from alerts.screens import live
from patients.models import Staff
from patients.selectors.people import read_staff

State = Delivery.State
SEND_WITHIN = timedelta(minutes=30)
# This message is true only while the alert is open.
WHILE_OPEN = "staff_alert"
FOR_THE_HOLDER = (HANDED_OVER, STILL_THERE)
NOT_DEAD = "This message was not given up, so there is nothing to try again."
NOT_NEEDED = "The alert was answered since: this message is no longer needed."
NOT_SAFE = "This kind of message is not tried again by hand: the person asks for a new one."
# The reason on a message that was replaced by a copy.
SENT_ANEW = "Sent again as a new message."
# Never tried again by hand: codes run out, and notes and digests are for one moment.
NEVER = ("contact_code", "patient_reminder", "staff_digest")


def retry(*, staff: Staff, pk: int, now: datetime) -> Delivery:
    """Try a dead message again for half an hour. Returns the row that is sent.

    It keeps its key unless a provider took it and reported the failure later: that provider would ignore the same
    key. The row is then cancelled and a copy with a new key is sent. AlertError: the message is not dead, is no
    longer needed, is of a kind never tried again, or belongs to another clinic.
    """
    with transaction.atomic():
        row = _mine(staff, pk)
        if row.state != State.DEAD:
            raise AlertError(NOT_DEAD)
        if why := not_needed(row):
            raise AlertError(why)
        if row.provider_id:
            row.state, row.error = State.CANCELLED, SENT_ANEW
            row.save(update_fields=["state", "error"])
            row = _copy(row, "again", now)
        else:
            row.state, row.error, row.call_end = State.PENDING, "", ""
            row.due_at, row.send_by = now, now + SEND_WITHIN
            row.save(update_fields=["state", "error", "call_end", "due_at", "send_by"])
        DeliveryAction.objects.create(delivery=row, at=now, what=DeliveryAction.What.RETRY, staff=staff)
        transaction.on_commit(live.hint_tick)
    return row


def not_needed(row: Delivery) -> str:
    """The reason not to try a message again, as a sentence; empty when it may be tried."""
    if row.message in NEVER:
        return NOT_SAFE
    if row.alert is None or row.channel == "webhook":
        return ""
    return "" if _is_true(row, row.alert) else NOT_NEEDED


def _is_true(row: Delivery, alert: Alert) -> bool:
    """Is what the message says about this alert still true?"""
    if row.message == WHILE_OPEN:
        return alert.state == Alert.State.OPEN
    if row.message == outbox.NOBODY_YET and alert.contacted_at:
        return False
    if row.message in FOR_THE_HOLDER and alert.acked_by_id != read_staff(row.recipient)[0]:
        return False
    return alert.state != Alert.State.RESOLVED


def replay(*, staff: Staff, pk: int, now: datetime) -> Delivery:
    """Send a finished webhook message once more under a new key, so that the receiver takes it as new.

    Returns the new row. AlertError: it is no webhook message, or it was not sent or given up yet.
    """
    with transaction.atomic():
        row = _mine(staff, pk)
        if row.channel != "webhook" or row.state not in (State.SENT, State.DELIVERED, State.DEAD):
            raise AlertError("Only a webhook message that was sent or given up can be sent once more.")
        again = _copy(row, "replay", now)
        DeliveryAction.objects.create(delivery=again, at=now, what=DeliveryAction.What.REPLAY, staff=staff)
        transaction.on_commit(live.hint_tick)
    return again


def _copy(row: Delivery, why: str, now: datetime) -> Delivery:
    """Write a copy of the message with a new key, to be sent within half an hour."""
    base = row.key.partition(f":{why}:")[0]
    count = Delivery.objects.filter(key__startswith=f"{base}:{why}:").count()
    return outbox.enqueue(
        key=f"{base}:{why}:{count + 1}",
        channel=row.channel,
        recipient=row.recipient,
        message=row.message,
        context=row.context,
        alert=row.alert,
        clinic_id=row.clinic_id,
        urgency=row.urgency,
        now=now,
        send_by=now + SEND_WITHIN,
    )


def _mine(staff: Staff, pk: int) -> Delivery:
    rows = Delivery.objects.filter(clinic_id=staff.clinic_id, pk=pk).select_related("alert")
    row = rows.select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise AlertError("This message is not one of your clinic's.")
    return row
