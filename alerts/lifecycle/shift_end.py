"""The end of a shift: leave a note for the next colleague, and hand over all alerts in one action."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from alerts.lifecycle.closing import hand_over_all, hold_colleague
from alerts.models import Alert, HandOverNote
from alerts.models.refusals import AlertError
from alerts.oncall.notices import tell
from patients import scoping
from patients.models import Patient, Staff

# The same note to the same colleague within this time counts as the same press.
SAME_PRESS = timedelta(minutes=2)


@dataclass(frozen=True)
class Ended:
    """The note, and the patients whose alerts this press handed over."""

    note: HandOverNote
    patients: list[Patient] = field(default_factory=list)


def held_by(staff: Staff) -> list[Alert]:
    """The alerts that this person has taken and not closed, most urgent first."""
    rows = Alert.objects.filter(patient__in=scoping.for_staff(staff), acked_by=staff, state=Alert.State.ACKED)
    return list(rows.select_related("patient").order_by("tier", "acked_at"))


def end_shift(*, staff: Staff, to_staff: Staff, text: str, with_alerts: bool, now: datetime) -> Ended:
    """Leave a note and, with_alerts, hand over every alert that staff holds: all of them or none.

    The note may name several patients: it is for the colleague and is in no patient's record. A repeat of the same
    press returns the note already written. AlertError: no such colleague, or neither a note nor an alert to give.
    """
    if to_staff.pk == staff.pk:
        raise AlertError("Choose a colleague who works at your clinic.")
    with transaction.atomic():
        hold_colleague(staff, to_staff)
        alerts = hand_over_all(to_staff=to_staff, staff=staff, now=now) if with_alerts else []
        before = _just_written(staff, to_staff, text, now)
        if before and not alerts:
            return Ended(before)
        if not alerts and not text:
            raise AlertError("Write a note, or hand over the alerts you hold.")
        note = HandOverNote.objects.create(
            clinic=staff.clinic, by=staff, to=to_staff, written_at=now, text=text, alerts=len(alerts)
        )
        tell(to_staff, f"handover-note:{note.pk}", now)
    return Ended(note, [alert.patient for alert in alerts])


def _just_written(staff: Staff, to_staff: Staff, text: str, now: datetime) -> HandOverNote | None:
    rows = HandOverNote.objects.filter(by=staff, to=to_staff, text=text, written_at__gte=now - SAME_PRESS)
    return rows.order_by("-written_at").first()


def unread_notes(staff: Staff) -> list[HandOverNote]:
    """The hand-over notes to this person that they have not read yet, oldest first."""
    rows = HandOverNote.objects.filter(to=staff, clinic_id=staff.clinic_id, read_at__isnull=True)
    return list(rows.select_related("by__user").order_by("written_at"))


def who_has_notes(clinic_id: int) -> set[int]:
    """The ids of a clinic's staff who have an unread hand-over note. One query."""
    rows = HandOverNote.objects.filter(clinic_id=clinic_id, read_at__isnull=True)
    return set(rows.values_list("to_id", flat=True))


def mark_read(*, pk: int, staff: Staff, now: datetime) -> None:
    """Mark a hand-over note as read. AlertError when it is for another person, or read already."""
    if not HandOverNote.objects.filter(pk=pk, to=staff, read_at__isnull=True).update(read_at=now):
        raise AlertError("This note is read already, or not for you.")
