"""Record a call the patient did not answer. It is counted, and never counts as a contact."""

from datetime import datetime

from django.db import transaction

from alerts.lifecycle.clock_runs import time_to_answer
from alerts.lifecycle.double_press import NO_FORM, Press, pressed_before
from alerts.lifecycle.locking import locked_alert
from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging import webhooks
from alerts.models import Alert, AlertEvent
from alerts.models.refusals import AlertError
from alerts.policy.plan import physician_step, read_plan
from patients.models import Staff
from patients.tiers import URGENT

# After this many unanswered calls the patient counts as out of reach, and the physician is told.
TRIES_BEFORE_PHYSICIAN = 2
CLOSED = "This alert is already closed."


def record_try(*, alert: Alert, staff: Staff, note: str, now: datetime, press: Press = NO_FORM) -> Alert:
    """Record that the patient did not answer a call. Returns the alert.

    The clock runs on. An alert that rests after an earlier contact stops resting, unless it is snoozed. When the
    patient of an urgent alert is out of reach, the alert opens again at the physician's step. AlertError when the
    alert is closed.
    """
    with transaction.atomic():
        alert = locked_alert(staff, pk=alert.pk)
        if pressed_before(alert, staff, "not_reached", note, press):
            return alert
        if alert.state == Alert.State.RESOLVED:
            raise AlertError(CLOSED)
        alert.tries, alert.tried_at, alert.tried_by = alert.tries + 1, now, staff
        detail = {"tries": alert.tries} | press.detail
        AlertEvent.objects.create(alert=alert, at=now, what="not_reached", staff=staff, note=note, detail=detail)
        if _out_of_reach(alert):
            _ask_physician(alert, staff, now)
        elif alert.state == Alert.State.ACKED and alert.contacted_at and not alert.snoozed_until:
            _stop_resting(alert, now)
        alert.save()
        refresh_status(alert.patient, alert, now)
    return alert


def _out_of_reach(alert: Alert) -> bool:
    """Must the physician be told? Never for watch; for an open alert once, then its plan goes on by itself."""
    if alert.tier not in URGENT or alert.tries < TRIES_BEFORE_PHYSICIAN:
        return False
    return alert.state == Alert.State.ACKED or alert.tries == TRIES_BEFORE_PHYSICIAN


def _ask_physician(alert: Alert, staff: Staff, now: datetime) -> None:
    """Open the alert at the physician's step of the same run; the caller no longer has it alone."""
    if alert.state == Alert.State.ACKED:
        webhooks.tell(alert, "alert.reopened", now)
    alert.state = Alert.State.OPEN
    alert.step = physician_step(read_plan(alert.plan, alert.plan_tier), alert.step)
    alert.next_step_at = now
    alert.acked_at = alert.acked_by = alert.ack_expires_at = None
    alert.contacted_at = alert.call_back_by = alert.next_check_at = alert.told_again_at = None
    AlertEvent.objects.create(alert=alert, at=now, what="out_of_reach", staff=staff, detail={"tries": alert.tries})


def _stop_resting(alert: Alert, now: datetime) -> None:
    """End the rest after a contact: the plan's time to answer starts again, or stays when it ends earlier."""
    ends = time_to_answer(alert, now)
    alert.told_again_at = None
    alert.ack_expires_at = alert.next_step_at = min(ends, alert.next_step_at or ends)
