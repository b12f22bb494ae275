"""Staff close an alert with an outcome, or hand it over to a colleague."""

from datetime import datetime

from django.db import transaction

from alerts.lifecycle.answers import CLOSED
from alerts.lifecycle.clock_runs import time_to_answer
from alerts.lifecycle.double_press import NO_FORM, Press, pressed_before
from alerts.lifecycle.locking import hold, locked_alert
from alerts.lifecycle.patient_status import refresh_status
from alerts.lifecycle.tell_colleague import HANDED_OVER, tell_one
from alerts.messaging import outbox, webhooks
from alerts.messaging.helper_notes import cancel_helper_notes
from alerts.models import Alert, AlertEvent, AlertSign
from alerts.models.refusals import AlertError
from patients.models import Staff
from patients.tiers import URGENT

# Only the system sets this outcome, when a watch sign goes away.
NOT_FOR_PEOPLE = Alert.Outcome.SIGN_GONE
SEEN_BY_SOMEBODY = (Alert.Outcome.SEEN_IN_CLINIC, Alert.Outcome.SENT_TO_ER)
OUT_OF_REACH = (
    "Nobody has reached the patient yet. Write down a contact first, or close it with where the patient was seen."
)


def resolve(
    *,
    alert: Alert,
    staff: Staff,
    outcome: str,
    note: str,
    now: datetime,
    worth: str = "",
    worth_reason: str = "",
    worth_note: str = "",
    press: Press = NO_FORM,
) -> Alert:
    """Close the alert and all its signs. AlertError without an outcome, or when the alert is closed already.

    While the last calls reached no one, an urgent alert closes only with an outcome in which the patient was
    examined or sent to the ER. worth: whether the alert was worth a person's time; empty when not asked.
    """
    if outcome not in Alert.Outcome.values or outcome == NOT_FOR_PEOPLE:
        raise AlertError("Choose how it ended.")
    with transaction.atomic():
        alert = locked_alert(staff, pk=alert.pk)
        if pressed_before(alert, staff, "resolved", note, press):
            return alert
        if alert.state == Alert.State.RESOLVED:
            raise AlertError(CLOSED)
        if alert.tries and alert.tier in URGENT and outcome not in SEEN_BY_SOMEBODY:
            raise AlertError(OUT_OF_REACH)
        AlertSign.objects.filter(alert=alert, resolved_at__isnull=True).update(resolved_at=now)
        alert.state, alert.outcome, alert.outcome_note = Alert.State.RESOLVED, outcome, note
        alert.resolved_by, alert.resolved_at, alert.next_step_at = staff, now, None
        alert.snoozed_until, alert.snooze_reason, alert.told_again_at = None, "", None
        alert.worth, alert.worth_reason, alert.worth_note = worth, worth_reason, worth_note
        alert.save()
        outbox.cancel_for(alert)
        cancel_helper_notes(alert)
        detail = {"outcome": outcome, "worth": worth} | press.detail
        AlertEvent.objects.create(alert=alert, at=now, what="resolved", staff=staff, note=note, detail=detail)
        webhooks.tell(alert, "alert.resolved", now)
        refresh_status(alert.patient, alert, now)
    return alert


def hand_over(
    *, alert: Alert, to_staff: Staff, staff: Staff, note: str, now: datetime, press: Press = NO_FORM
) -> Alert:
    """Hand a taken alert over to a colleague and tell them at once.

    When the patient was not contacted yet and the alert is not snoozed, the colleague has the full time to answer.
    AlertError: the alert is open or closed, the colleague has it already, or they do not work at this clinic.
    """
    with transaction.atomic():
        hold_colleague(staff, to_staff)
        alert = locked_alert(staff, pk=alert.pk)
        if pressed_before(alert, staff, "handed_over", note, press):
            return alert
        if alert.state == Alert.State.RESOLVED:
            raise AlertError(CLOSED)
        if alert.state == Alert.State.OPEN:
            raise AlertError("Take this alert first. Then you can hand it over.")
        if alert.acked_by_id == to_staff.pk:
            raise AlertError(f"{to_staff.name} has this alert already.")
        _give(alert, staff, to_staff, note, now, press)
        tell_one(alert, to_staff, HANDED_OVER, now)
    return alert


def hand_over_all(*, to_staff: Staff, staff: Staff, now: datetime) -> list[Alert]:
    """Hand over every alert that staff holds, and tell the colleague once. Returns the alerts handed over.

    Call in a transaction. An alert that another colleague takes at the same moment stays with that colleague.
    """
    hold_colleague(staff, to_staff)
    held = Alert.objects.filter(clinic_id=staff.clinic_id, acked_by=staff, state=Alert.State.ACKED)
    given = []
    for pk in list(held.order_by("patient_id").values_list("pk", flat=True)):
        alert = locked_alert(staff, pk=pk)
        if alert.state == Alert.State.ACKED and alert.acked_by_id == staff.pk:
            _give(alert, staff, to_staff, "", now, NO_FORM)
            given.append(alert)
    if given:
        most_urgent = min(given, key=lambda alert: outbox.urgency_of(alert.plan_tier))
        tell_one(most_urgent, to_staff, HANDED_OVER, now)
    return given


def hold_colleague(staff: Staff, to_staff: Staff) -> None:
    """Lock both rows, so that neither loses access before the transaction ends.

    AlertError when to_staff does not work at the same clinic.
    """
    if to_staff.clinic_id != staff.clinic_id or to_staff.pk not in hold(staff, to_staff):
        raise AlertError("Choose a colleague who works at your clinic.")


def _give(alert: Alert, staff: Staff, to_staff: Staff, note: str, now: datetime, press: Press) -> None:
    alert.acked_by = to_staff
    if alert.contacted_at is None and alert.snoozed_until is None:
        alert.ack_expires_at = alert.next_step_at = time_to_answer(alert, now)
    alert.save(update_fields=["acked_by", "ack_expires_at", "next_step_at"])
    detail = {"to": to_staff.pk, "to_name": to_staff.name} | press.detail
    AlertEvent.objects.create(alert=alert, at=now, what="handed_over", staff=staff, note=note, detail=detail)
    refresh_status(alert.patient, alert, now)
