"""A person answers: takes an alert, then speaks with or examines the patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Value, When

from alerts import webhooks
from alerts.failpoints import failpoint
from alerts.models import Alert, AlertEvent, AlertSign
from alerts.outbox import cancel_for
from alerts.plan import read_plan
from alerts.services.errors import AlertError
from alerts.services.helper_notes import cancel_helper_notes
from alerts.services.locking import locked_alert
from alerts.services.press import NO_FORM, Press, pressed_before
from alerts.services.status import refresh_status
from patients.models import Staff

# How long a contact answers a sign that stays (clinical rules, RL-03: ack_ttl_h), unless the clinic set it.
ACK_TTL_HOURS = 48.0
CLOSED = "This alert is already closed."


@dataclass(frozen=True)
class AckResult:
    """Who has the alert, since when. won is False when somebody was faster; alert is as it is now."""

    won: bool
    alert: Alert
    by_name: str
    at: datetime


def acknowledge(*, alert_code: UUID, staff: Staff, now: datetime, by: str = "") -> AckResult:
    """Take an alert. The first person wins; everyone after is told who has it. AlertError for strangers.

    by: how it was taken when not on the screen, such as "sms".
    """
    with transaction.atomic():
        alert = locked_alert(staff, code=alert_code)
        ends = now + timedelta(minutes=read_plan(alert.plan, alert.tier).ack_minutes)
        changes = {
            "state": Alert.State.ACKED,
            "acked_by": staff,
            "acked_at": now,
            "ack_expires_at": ends,
            "next_step_at": ends,
        }
        if not Alert.objects.filter(pk=alert.pk, state=Alert.State.OPEN).update(**changes):
            return _too_late(alert)
        webhooks.tell(alert, "alert.acknowledged", now)
        for name, value in changes.items():
            setattr(alert, name, value)
        signs = AlertSign.objects.filter(alert=alert, resolved_at__isnull=True, ack=AlertSign.Ack.NONE)
        signs.update(ack=AlertSign.Ack.SEEN, acked_at=now)
        _taken(alert, staff, "acknowledged", "", now, detail={"by": by} if by else {})
    failpoint("after_ack_commit")
    return AckResult(True, alert, staff.name, now)


def _too_late(alert: Alert) -> AckResult:
    person = alert.resolved_by or alert.acked_by
    at = alert.resolved_at or alert.acked_at
    return AckResult(False, alert, person.name if person else "", at or alert.opened_at)


def record_contact(
    *,
    alert: Alert,
    staff: Staff,
    level: str,
    note: str,
    call_back_by: datetime | None,
    now: datetime,
    next_check_at: datetime | None = None,
    rests_hours: float = ACK_TTL_HOURS,
    press: Press = NO_FORM,
) -> Alert:
    """Spoke with (contacted) or examined (evaluated) the patient: the alert rests with this person for a while,
    or until the next check or the promised call-back, whichever is first.

    Every open sign rises to the level, never back from evaluated, with its snapshot refreshed (RL-03).
    """
    if level not in (AlertSign.Ack.CONTACTED, AlertSign.Ack.EVALUATED):
        raise AlertError("Choose: spoke with the patient, or examined in person.")
    with transaction.atomic():
        alert = locked_alert(staff, pk=alert.pk)
        if pressed_before(alert, staff, level, note, press):
            return alert
        if alert.state == Alert.State.RESOLVED:
            raise AlertError(CLOSED)
        _raise_levels(alert, level, now)
        if alert.state == Alert.State.OPEN:
            webhooks.tell(alert, "alert.acknowledged", now)
        webhooks.tell(alert, "alert.contacted", now)
        alert.state = Alert.State.ACKED
        alert.acked_by, alert.acked_at, alert.contacted_at = staff, now, now
        alert.call_back_by, alert.next_check_at = call_back_by, next_check_at
        alert.tries, alert.tried_at, alert.tried_by = 0, None, None
        alert.snoozed_until, alert.snooze_reason = None, ""
        rests_until = now + timedelta(hours=rests_hours)
        asks_again = min(at for at in (rests_until, next_check_at, call_back_by) if at)
        alert.ack_expires_at = alert.next_step_at = asks_again
        alert.save()
        cancel_helper_notes(alert)
        _taken(alert, staff, level, note, now, detail=press.detail)
    return alert


def _raise_levels(alert: Alert, level: str, now: datetime) -> None:
    best = Case(When(ack=AlertSign.Ack.EVALUATED, then=Value(AlertSign.Ack.EVALUATED.value)), default=Value(level))
    signs = AlertSign.objects.filter(alert=alert, resolved_at__isnull=True)
    signs.update(ack=best, acked_at=now, snapshot=F("latest"))


def _taken(
    alert: Alert, staff: Staff, what: str, note: str, now: datetime, detail: dict[str, str] | None = None
) -> None:
    """What every answer ends with: nobody else is paged, it is written down, the worklist follows."""
    cancel_for(alert)
    AlertEvent.objects.create(alert=alert, at=now, what=what, staff=staff, note=note, detail=detail or {})
    refresh_status(alert.patient, alert, now)
