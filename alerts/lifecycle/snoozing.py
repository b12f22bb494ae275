"""Snooze a watch item for at most seven days. Urgent alerts cannot be snoozed."""

from datetime import datetime

from django.db import transaction

from alerts.lifecycle.double_press import NO_FORM, Press, pressed_before
from alerts.lifecycle.locking import locked_alert
from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging.outbox import cancel_for
from alerts.models import Alert, AlertEvent, AlertSign
from alerts.models.alert import SNOOZE_MOST
from alerts.models.refusals import AlertError
from patients.models import Staff

CLOSED = "This alert is already closed."
URGENT = "Only watch items can be snoozed. This one needs an answer."
REASON = "Write why it can wait."
UNTIL = "Choose a time within the next 7 days."
TAKEN = "{name} has this item already."


class TakenError(AlertError):
    """A colleague took it first. by_name, at: who has it, and since when."""

    def __init__(self, by_name: str, at: datetime) -> None:
        super().__init__(TAKEN.format(name=by_name))
        self.by_name, self.at = by_name, at


def snooze(
    *,
    alert: Alert,
    staff: Staff,
    until: datetime,
    reason: str,
    now: datetime,
    press: Press = NO_FORM,
    leave_to_colleague: bool = False,
) -> Alert:
    """Take a watch item and keep it quiet until then. Returns the alert.

    A higher tier or nurse priority, a new sign or a worse sign ends the snooze at once. AlertError: no reason,
    a time not within the next 7 days, or an alert that is urgent or closed. leave_to_colleague: TakenError when a
    colleague has it; for a button that stands where nobody saw who has it.
    """
    if not reason.strip():
        raise AlertError(REASON)
    if not now < until <= now + SNOOZE_MOST:
        raise AlertError(UNTIL)
    with transaction.atomic():
        alert = locked_alert(staff, pk=alert.pk)
        if pressed_before(alert, staff, "snoozed", reason, press):
            return alert
        if alert.state == Alert.State.RESOLVED:
            raise AlertError(CLOSED)
        if alert.tier != Alert.Tier.WATCH:
            raise AlertError(URGENT)
        if leave_to_colleague:
            _refuse_taken(alert, staff)
        alert.state = Alert.State.ACKED
        alert.acked_by, alert.acked_at = staff, now
        alert.snoozed_until, alert.snooze_reason = until, reason.strip()
        alert.ack_expires_at = alert.next_step_at = until
        alert.save()
        signs = AlertSign.objects.filter(alert=alert, resolved_at__isnull=True, ack=AlertSign.Ack.NONE)
        signs.update(ack=AlertSign.Ack.SEEN, acked_at=now)
        cancel_for(alert)
        detail = {"until": until.isoformat()} | press.detail
        AlertEvent.objects.create(alert=alert, at=now, what="snoozed", staff=staff, note=reason, detail=detail)
        refresh_status(alert.patient, alert, now)
    return alert


def _refuse_taken(alert: Alert, staff: Staff) -> None:
    holder = alert.acked_by
    if alert.state == Alert.State.ACKED and holder and holder.pk != staff.pk and alert.acked_at:
        raise TakenError(holder.name, alert.acked_at)
