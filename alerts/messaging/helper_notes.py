"""What a patient's helpers are sent about an urgent alert: please open, never why."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.messaging import outbox
from alerts.models import Alert, Delivery

# Told at once, and again when nobody has been in touch within the fallback time.
MESSAGE, UNANSWERED = "helper_alert", outbox.NOBODY_YET
SEND_WITHIN = timedelta(hours=2)

Recipient = tuple[str, str]


def write_helper_notes(
    alert: Alert, *, now: datetime, at_once: Sequence[Recipient], unanswered: Sequence[Recipient], minutes: int
) -> None:
    """One statement for both notes of this run of the clock. at_once, unanswered: (caregiver:5, sms) each."""
    rows = [_note(alert, MESSAGE, to, now, now) for to in at_once]
    rows += [_note(alert, UNANSWERED, to, now + timedelta(minutes=minutes), now) for to in unanswered]
    if rows:
        outbox.enqueue_many(rows)


def cancel_helper_notes(alert: Alert) -> None:
    """Somebody reached the patient, or it is over: "nobody has answered" is no longer true."""
    waiting = Delivery.objects.filter(alert=alert, state=Delivery.State.PENDING, message=UNANSWERED)
    waiting.update(state=Delivery.State.CANCELLED, error="answered")


def _note(alert: Alert, message: str, to: Recipient, due_at: datetime, now: datetime) -> Delivery:
    recipient, channel = to
    return Delivery(
        key=f"alert:{alert.pk}:c{alert.reopened}:{message}:{recipient}:{channel}",
        channel=channel,
        recipient=recipient,
        message=message,
        alert=alert,
        urgency=outbox.urgency_of(alert.tier),
        created_at=now,
        due_at=due_at,
        send_by=due_at + SEND_WITHIN,
    )
