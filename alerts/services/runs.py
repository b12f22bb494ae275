"""One run of an alert's clock: from its start until somebody answers."""

from datetime import datetime

from alerts.models import Alert

# What restart() changes, for the statement that saves it.
RUN_FIELDS = [
    "state",
    "round",
    "step",
    "reopened",
    "clock_started_at",
    "next_step_at",
    "acked_at",
    "acked_by",
    "ack_expires_at",
    "contacted_at",
    "call_back_by",
    "next_check_at",
    "snoozed_until",
    "snooze_reason",
]


def restart(alert: Alert, now: datetime) -> None:
    """Start the clock again at step 0, waiting for anybody; not saved yet.

    Counting the run (reopened) gives its messages new keys, so that they are not taken for repeats.
    """
    alert.state = Alert.State.OPEN
    alert.round = alert.step = 0
    alert.reopened += 1
    alert.clock_started_at = alert.next_step_at = now
    alert.acked_at = alert.acked_by = alert.ack_expires_at = None
    alert.contacted_at = alert.call_back_by = alert.next_check_at = None
    alert.snoozed_until, alert.snooze_reason = None, ""
