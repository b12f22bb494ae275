"""Send one colleague a message about an alert they have, by every channel that reaches them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.messaging import outbox
from alerts.models import Alert
from alerts.oncall.roster import Roster
from alerts.policy.plan import BOARD_ONLY, CALL, URGENT_CHANNELS, call_after
from patients.models import Staff
from patients.selectors.people import usable_ways
from patients.tiers import URGENT

SEND_WITHIN = timedelta(minutes=30)
# Watch items never page: only the board and e-mail.
QUIET_CHANNELS = (*BOARD_ONLY, "email")
HANDED_OVER = "staff_handover"
STILL_THERE = "staff_still"
# The holder's time to answer when a log after the contact still has a sign that must be examined.
HOLDER_ANSWERS_WITHIN = timedelta(minutes=10)


def tell_one(alert: Alert, to_staff: Staff, message: str, now: datetime, *, channels: Sequence[str] = ()) -> None:
    """Write the messages to one colleague, one per channel that reaches them.

    channels: the channels to use; empty: those of the alert's tier. A colleague without a mobile or a device still
    gets the e-mail and sees the board. They are called only about a sign that is still there, after text and push.
    """
    roster = Roster([to_staff], ways=usable_ways([to_staff.user]))
    by_tier = URGENT_CHANNELS if alert.tier in URGENT else QUIET_CHANNELS
    wanted = [way for way in channels or by_tier if way != CALL or message == STILL_THERE]
    told = roster.reachable([to_staff], wanted)
    later = now + call_after(HOLDER_ANSWERS_WITHIN, [way for _, way in told])
    for recipient, channel in [(to, way) for _, way in told for to in roster.recipients(to_staff, way)]:
        outbox.enqueue(
            key=f"alert:{alert.pk}:{message}:{now:%Y%m%dT%H%M%S.%f}:{recipient}:{channel}",
            channel=channel,
            recipient=recipient,
            message=message,
            context={"alert": str(alert.code)} if channel == "push" else {},
            now=now,
            due_at=later if channel == CALL else now,
            send_by=now + SEND_WITHIN,
            alert=alert,
            urgency=outbox.urgency_of(alert.plan_tier),
        )


def tell_holder(alert: Alert, now: datetime) -> str:
    """Tell the alert's holder that a sign they must examine is still there; they have ten minutes to answer.

    A second such log does not extend the ten minutes. Returns the name of the event; "folded" when no one holds
    the alert. The caller saves the alert.
    """
    holder = alert.acked_by
    if alert.state != Alert.State.ACKED or holder is None:
        return "folded"
    ends = now + HOLDER_ANSWERS_WITHIN
    alert.told_again_at = alert.told_again_at or now
    alert.ack_expires_at = alert.next_step_at = min(ends, alert.next_step_at or ends)
    tell_one(alert, holder, STILL_THERE, now)
    return "still_there"
