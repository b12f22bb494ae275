"""Messages to a patient's helpers about an urgent alert: they say "please open", never why."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.messaging import outbox
from alerts.models import Alert, Delivery

# The first goes at once, the second when the clinic has not been in touch within the fallback time.
MESSAGE, UNANSWERED = "helper_alert", outbox.NOBODY_YET
SEND_WITHIN = timedelta(hours=2)

Recipient = tuple[str, str]


def write_helper_notes(
    alert: Alert, *, now: datetime, at_once: Sequence[Recipient], unanswered: Sequence[Recipient], minutes: int
) -> None:
    """Write both messages of this run of the clock in one statement.

    at_once, unanswered: pairs of recipient and channel, such as ("caregiver:5", "sms"). minutes: the fallback time
    after which the second message is due.
    """
    rows = [_note(alert, MESSAGE, to, now, now) for to in at_once]
    rows += [_note(alert, UNANSWERED, to, now + timedelta(minutes=minutes), now) for to in unanswered]
    if rows:
        outbox.enqueue_many(rows)


def cancel_helper_notes(alert: Alert) -> None:
    """Cancel the waiting second message: the clinic reached the patient, or the alert is closed."""
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
