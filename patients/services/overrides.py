"""Overrides for one recovery: who, when, why; within bounds and never less safe (log_schema, clinic overrides)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from patients.audit import changed
from patients.models import ClinicOverride, Patient, Procedure, Staff
from patients.permissions import Permission, may, one_of
from patients.services.errors import NotPossible
from patients.services.records import look_again
from patients.status import lock

CLEARANCES = (ClinicOverride.Key.HEAVY_CLEARED, ClinicOverride.Key.STRENUOUS_CLEARED)
BOUNDS = "an_override_is_inside_its_bounds"
LOOK = "Nothing of yours is saved. Look at what is set now, and press again if yours still holds."
JUST_ENDED = "A colleague ended this setting while the page was open."
NOT_A_CLINICIAN = f"{one_of(Permission.LIFT_LIMITS).capitalize()} writes down that a limit is lifted."


def set_override(
    *,
    staff: Staff,
    patient: Patient,
    procedure: Procedure,
    key: str,
    value: Any,
    reason: str,
    now: datetime,
    seen: int | None = None,
) -> ClinicOverride:
    """Set a value that its form has checked; the earlier one is kept as history.

    seen: the id of the setting that the form showed, 0 for none. Raises NotPossible when a manager lifts a limit,
    the value is out of bounds, the recovery was closed, or a colleague changed it after the form was made.
    """
    if key in CLEARANCES and not may(staff, Permission.LIFT_LIMITS):
        raise NotPossible(NOT_A_CLINICIAN)
    with transaction.atomic():
        lock(patient.pk)
        if not Procedure.objects.filter(pk=procedure.pk, closed_at__isnull=True).exists():
            raise NotPossible("This recovery was closed meanwhile.")
        _refuse_unread(staff, procedure, key, seen)
        _end(procedure, key, now)
        row = ClinicOverride(procedure=procedure, key=key, value=value, staff=staff, reason=reason, set_at=now)
        _save(row)
        look_again(patient, now)
        changed(patient, staff.user, "changed a clinic setting", key, now)
    return row


def _save(row: ClinicOverride) -> None:
    """Save the row; raises NotPossible if the database finds the value out of bounds, which forms check first."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if BOUNDS not in str(error):
            raise
        raise NotPossible("This value is outside its bounds. Nothing was changed.") from error


def _refuse_unread(staff: Staff, procedure: Procedure, key: str, seen: int | None) -> None:
    """Raise NotPossible when a colleague changed this setting after the form was made. The patient is locked."""
    live = _live(procedure, key).select_related("staff__user").first()
    if seen is None or seen == (live.pk if live else 0) or (live and live.staff_id == staff.pk):
        return
    raise NotPossible(f"{live.staff.name} has just set this. {LOOK}" if live else f"{JUST_ENDED} {LOOK}")


def end_override(
    *, staff: Staff, patient: Patient, procedure: Procedure, key: str, now: datetime, seen: int | None = None
) -> None:
    """End an override, so that the default counts again. NotPossible as for set_override."""
    with transaction.atomic():
        lock(patient.pk)
        _refuse_unread(staff, procedure, key, seen)
        if _end(procedure, key, now):
            look_again(patient, now)
            changed(patient, staff.user, "ended a clinic setting", key, now)


def _end(procedure: Procedure, key: str, now: datetime) -> int:
    return _live(procedure, key).update(ended_at=now)


def _live(procedure: Procedure, key: str) -> QuerySet[ClinicOverride]:
    return ClinicOverride.objects.filter(procedure=procedure, key=key, ended_at__isnull=True)
