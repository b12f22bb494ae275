"""One run of an alert's clock: how it starts, and how long an answer lasts."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.models import Alert
from alerts.policy.plan import read_plan
from patients.values.wall_clock import on_day, to_wall

# A contact that ran out at night would page staff at night, so it ends at 16:00 on the last working day before.
REST_ENDS = time(16, 0)
REST_LEAST = timedelta(hours=4)
SATURDAY = 5

# The fields that restart() changes; callers save them.
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
    "told_again_at",
]


def restart(alert: Alert, now: datetime) -> None:
    """Open the alert again at step 0 for anyone to take. The caller saves it.

    The count of runs (reopened) is part of message keys, so messages of the new run do not count as repeats.
    """
    alert.state = Alert.State.OPEN
    alert.round = alert.step = 0
    alert.reopened += 1
    alert.clock_started_at = alert.next_step_at = now
    alert.acked_at = alert.acked_by = alert.ack_expires_at = None
    alert.contacted_at = alert.call_back_by = alert.next_check_at = None
    alert.snoozed_until, alert.snooze_reason = None, ""
    alert.told_again_at = None


def time_to_answer(alert: Alert, now: datetime) -> datetime:
    """The time by which the holder must record a contact: the plan's minutes from now, or an earlier promise."""
    ends = now + timedelta(minutes=read_plan(alert.plan, alert.plan_tier).ack_minutes)
    promised = (alert.seen_by, alert.call_back_by, alert.next_check_at)
    return min([ends, *(at for at in promised if at and at > now)])


def rest_ends(contact: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """The time at which a contact stops counting and the alert pages again; never later than hours after it.

    It is the last 16:00 of a working day within these hours, at least four hours after the contact; without one,
    the full hours (clinical rules, de-duplication and latching). This moves the page alone: the tier of a log
    still depends on the full hours (RL-03).
    """
    latest = contact + timedelta(hours=hours)
    day, earliest = to_wall(latest, zone).date(), contact + REST_LEAST
    while (at := on_day(day, REST_ENDS, zone)) >= earliest:
        if at <= latest and day.weekday() < SATURDAY:
            return at
        day -= timedelta(days=1)
    return latest
