"""Staff answer an alert: they take it, then speak with the patient or examine them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from alerts.failpoints import failpoint
from alerts.lifecycle.clock_runs import rest_ends, time_to_answer
from alerts.lifecycle.double_press import NO_FORM, Press, pressed_before
from alerts.lifecycle.locking import locked_alert
from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging import webhooks
from alerts.messaging.helper_notes import cancel_helper_notes
from alerts.messaging.outbox import cancel_for
from alerts.models import Alert, AlertEvent, AlertSign
from alerts.models.refusals import AlertError
from patients.models import Staff

# How many hours a contact answers a sign that persists (clinical rules, RL-03: ack_ttl_h). A clinic may set it.
ACK_TTL_HOURS = 48.0
CLOSED = "This alert is already closed."
TOO_LATE_TO_BE_SEEN = "The patient must be seen within {hours} hours. Choose an earlier time."


@dataclass(frozen=True)
class AckResult:
    """Who has the alert and since when. won: False when a colleague was faster. alert: its present state."""

    won: bool
    alert: Alert
    by_name: str
    at: datetime


def acknowledge(*, alert_code: UUID, staff: Staff, now: datetime, by: str = "") -> AckResult:
    """Take an alert. The first person wins; later ones get the name of the person who has it.

    An acknowledged alert can be taken again after its holder was told that a sign is still there after the
    contact: by the holder or by a colleague.

    by: how it was taken when not on the screen, such as "sms". AlertError: the alert is not of this person's
    clinic, or the person no longer works there.
    """
    with transaction.atomic():
        alert = locked_alert(staff, code=alert_code)
        ends = time_to_answer(alert, now)
        changes = {
            "state": Alert.State.ACKED,
            "acked_by": staff,
            "acked_at": now,
            "ack_expires_at": ends,
            "next_step_at": ends,
            "told_again_at": None,
        }
        waits = Q(state=Alert.State.OPEN) | Q(told_again_at__isnull=False)
        if not Alert.objects.filter(waits, pk=alert.pk).update(**changes):
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
    seen_by: datetime | None = None,
    rests_hours: float = ACK_TTL_HOURS,
    press: Press = NO_FORM,
) -> Alert:
    """Record that staff spoke with (contacted) or examined (evaluated) the patient; the alert then rests.

    It rests with this person for rests_hours, or until the next check, the promised call-back or seen_by if one
    of these is earlier. Every open sign rises to the level (evaluated never falls back to contacted) and gets a
    fresh snapshot (RL-03).

    A sign may require an examination within some hours. After a talk about such a sign the patient must be seen
    by seen_by, by default the latest time allowed; the alert then opens again. AlertError: seen_by is too late,
    the level is unknown, or the alert is closed.
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
        alert.seen_by = _to_be_seen_by(alert, seen_by, now)
        alert.seen_by_said_by = staff if alert.seen_by else None
        if alert.state == Alert.State.OPEN:
            webhooks.tell(alert, "alert.acknowledged", now)
        webhooks.tell(alert, "alert.contacted", now)
        alert.state = Alert.State.ACKED
        alert.acked_by, alert.acked_at, alert.contacted_at = staff, now, now
        alert.call_back_by, alert.next_check_at = call_back_by, next_check_at
        alert.tries, alert.tried_at, alert.tried_by = 0, None, None
        alert.snoozed_until, alert.snooze_reason, alert.told_again_at = None, "", None
        rests_until = _rests_until(alert, rests_hours, now)
        asks_again = min(at for at in (rests_until, next_check_at, call_back_by, alert.seen_by) if at)
        alert.ack_expires_at = alert.next_step_at = asks_again
        alert.save()
        cancel_helper_notes(alert)
        _taken(alert, staff, level, note, now, detail=press.detail)
    return alert


def latest_to_be_seen(alert: Alert, now: datetime) -> datetime | None:
    """The latest time to examine the patient if staff only speak with them now; None when a talk is enough.

    Runs one statement, or none when the alert's signs are loaded already.
    """
    unexamined = (row for row in alert.signs.all() if not row.resolved_at and row.ack != AlertSign.Ack.EVALUATED)
    hours = [row.seen_within_hours for row in unexamined if row.seen_within_hours]
    return now + timedelta(hours=min(hours)) if hours else None


def _to_be_seen_by(alert: Alert, wanted: datetime | None, now: datetime) -> datetime | None:
    latest = latest_to_be_seen(alert, now)
    if latest is None:
        return None
    if wanted and not now < wanted <= latest:
        raise AlertError(TOO_LATE_TO_BE_SEEN.format(hours=round((latest - now).total_seconds() / 3600)))
    return wanted or latest


def _rests_until(alert: Alert, hours: float, now: datetime) -> datetime:
    """When a contact stops counting. For an urgent alert this is by day, so that it pages no one at night."""
    if alert.tier == Alert.Tier.WATCH:
        return now + timedelta(hours=hours)
    return rest_ends(now, hours, ZoneInfo(alert.patient.clinic.timezone))


def _raise_levels(alert: Alert, level: str, now: datetime) -> None:
    best = Case(When(ack=AlertSign.Ack.EVALUATED, then=Value(AlertSign.Ack.EVALUATED.value)), default=Value(level))
    signs = AlertSign.objects.filter(alert=alert, resolved_at__isnull=True)
    signs.update(ack=best, acked_at=now, snapshot=F("latest"))


def _taken(
    alert: Alert, staff: Staff, what: str, note: str, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Finish every answer: cancel the waiting pages, write the event, update the worklist."""
    cancel_for(alert)
    AlertEvent.objects.create(alert=alert, at=now, what=what, staff=staff, note=note, detail=detail or {})
    refresh_status(alert.patient, alert, now)
