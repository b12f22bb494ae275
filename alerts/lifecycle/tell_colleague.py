"""One colleague is told something about an alert they have, by every way that reaches them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.messaging import outbox
from alerts.models import Alert
from alerts.oncall.roster import Roster
from alerts.policy.plan import BOARD_ONLY, URGENT_CHANNELS
from patients.models import Staff
from patients.selectors.people import usable_ways
from patients.tiers import URGENT

SEND_WITHIN = timedelta(minutes=30)
# Watch items page nobody, whatever happens to them.
QUIET_CHANNELS = (*BOARD_ONLY, "email")
HANDED_OVER = "staff_handover"
STILL_THERE = "staff_still"
# How long whoever has an alert can answer when a log after the contact still has a sign that must be examined.
HOLDER_ANSWERS_WITHIN = timedelta(minutes=10)


def tell_one(alert: Alert, to_staff: Staff, message: str, now: datetime, *, channels: Sequence[str] = ()) -> None:
    """Write the messages to one colleague. Who has neither mobile nor device reads it by e-mail or on the list.

    channels: by these; else by those of the alert's tier.
    """
    roster = Roster([to_staff], ways=usable_ways([to_staff.user]))
    by_tier = URGENT_CHANNELS if alert.tier in URGENT else QUIET_CHANNELS
    told = roster.reachable([to_staff], channels or by_tier)
    for recipient, channel in [(to, way) for _, way in told for to in roster.recipients(to_staff, way)]:
        outbox.enqueue(
            key=f"alert:{alert.pk}:{message}:{now:%Y%m%dT%H%M%S.%f}:{recipient}:{channel}",
            channel=channel,
            recipient=recipient,
            message=message,
            context={"alert": str(alert.code)} if channel == "push" else {},
            now=now,
            send_by=now + SEND_WITHIN,
            alert=alert,
            urgency=outbox.urgency_of(alert.plan_tier),
        )


def tell_holder(alert: Alert, now: datetime) -> str:
    """Whoever has the alert hears at once that what they should see to is still there, and has ten minutes; not
    saved yet. The name of what happened. A second such log gives no new minutes."""
    holder = alert.acked_by
    if alert.state != Alert.State.ACKED or holder is None:
        return "folded"
    ends = now + HOLDER_ANSWERS_WITHIN
    alert.told_again_at = alert.told_again_at or now
    alert.ack_expires_at = alert.next_step_at = min(ends, alert.next_step_at or ends)
    tell_one(alert, holder, STILL_THERE, now)
    return "still_there"
