"""The actions of staff on an alert, with their effects on the patient's pages and plan."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from alerts import lifecycle as alert_services
from alerts.lifecycle import AckResult, AlertError
from alerts.lifecycle.answers import ACK_TTL_HOURS
from alerts.lifecycle.double_press import NO_FORM, Press
from alerts.models import Alert
from patients import scoping
from patients.models import Staff
from recovery.care_plan import refresh
from recovery.journey import call_backs
from recovery.journey.kept_contacts import keep, with_times
from recovery.settings.clinic_config import config_for


class NotYours(LookupError):
    """The clinic of this member of staff has no such alert."""


def find_alert(staff: Staff, code: uuid.UUID) -> Alert:
    """Return an alert of the staff member's clinic, with its patient; raises NotYours for any other."""
    own = Alert.objects.filter(patient__in=scoping.for_staff(staff))
    alert = own.select_related("patient", "clinic", "acked_by__user").filter(code=code).first()
    if alert is None:
        raise NotYours
    return alert


def acknowledge(*, staff: Staff, code: uuid.UUID, now: datetime) -> AckResult:
    """Acknowledge an alert. The first person gets it; a second one is told who has it. No tier changes."""
    alert = find_alert(staff, code)
    return alert_services.acknowledge(alert_code=alert.code, staff=staff, now=now)


def record_contact(
    *,
    staff: Staff,
    code: uuid.UUID,
    level: str,
    note: str,
    call_back_by: datetime | None,
    now: datetime,
    next_check_at: datetime | None = None,
    seen_by: datetime | None = None,
    press: Press = NO_FORM,
) -> Alert:
    """Record that staff spoke with (contacted) or examined (evaluated) the patient, with the plan (RL-03).

    If a colleague closed the alert meanwhile, the contact is kept as one without an alert, and the returned alert
    is closed.
    """
    alert = find_alert(staff, code)
    words = with_times(note, alert.clinic.timezone, call_back_by, next_check_at, seen_by)
    with transaction.atomic(), _kept_when_closed(alert, staff, level, words, now, press, call_back_by):
        call_backs.settle(staff=staff, patient=alert.patient, now=now)
        alert_services.record_contact(
            alert=alert,
            staff=staff,
            level=level,
            note=note,
            call_back_by=call_back_by,
            next_check_at=next_check_at,
            seen_by=seen_by,
            now=now,
            rests_hours=config_for(alert.clinic_id, now).get("ack_ttl_h", ACK_TTL_HOURS),
            press=press,
        )
        refresh.look_soon(alert.patient, now)
    return alert


def record_try(*, staff: Staff, code: uuid.UUID, note: str, now: datetime, press: Press = NO_FORM) -> Alert:
    """Record a call without an answer. It is counted, but it is not a contact.

    If the alert is closed meanwhile, the call is kept without an alert.
    """
    alert = find_alert(staff, code)
    with transaction.atomic(), _kept_when_closed(alert, staff, "not_reached", note, now, press):
        return alert_services.record_try(alert=alert, staff=staff, note=note, now=now, press=press)
    return alert


@contextmanager
def _kept_when_closed(
    alert: Alert,
    staff: Staff,
    kind: str,
    note: str,
    now: datetime,
    press: Press,
    call_back_by: datetime | None = None,
) -> Iterator[None]:
    """Keep a contact without an alert when a colleague closed the alert first, so that it is not refused."""
    try:
        with transaction.atomic():
            yield
    except AlertError:
        closed = Alert.objects.filter(pk=alert.pk, state=Alert.State.RESOLVED)
        if not closed.exists():
            raise
        keep(
            staff=staff,
            patient=alert.patient,
            kind=kind,
            note=note,
            now=now,
            once=press.once,
            alert=alert,
            call_back_by=call_back_by,
            minutes=press.minutes,
        )
        alert.refresh_from_db()


def snooze(
    *,
    staff: Staff,
    code: uuid.UUID,
    until: datetime,
    reason: str,
    now: datetime,
    press: Press = NO_FORM,
    leave_to_colleague: bool = False,
) -> Alert:
    """Snooze a watch item for at most seven days. leave_to_colleague: as for alerts.lifecycle.snooze."""
    return alert_services.snooze(
        alert=find_alert(staff, code),
        staff=staff,
        until=until,
        reason=reason,
        now=now,
        press=press,
        leave_to_colleague=leave_to_colleague,
    )


def resolve(
    *,
    staff: Staff,
    code: uuid.UUID,
    outcome: str,
    note: str,
    now: datetime,
    press: Press = NO_FORM,
    **worth: str,
) -> Alert:
    """Close an alert with its outcome and make the plan due. worth: as for alerts.lifecycle.resolve."""
    alert = find_alert(staff, code)
    with transaction.atomic():
        call_backs.settle(staff=staff, patient=alert.patient, now=now, late_only=True)
        alert_services.resolve(alert=alert, staff=staff, outcome=outcome, note=note, now=now, press=press, **worth)
        refresh.look_soon(alert.patient, now)
    return alert


def hand_over(
    *, staff: Staff, code: uuid.UUID, to_staff: Staff, note: str, now: datetime, press: Press = NO_FORM
) -> Alert:
    """Hand an acknowledged alert over to a colleague of the same clinic, with a note."""
    alert = find_alert(staff, code)
    alert_services.hand_over(alert=alert, to_staff=to_staff, staff=staff, note=note, now=now, press=press)
    return alert
