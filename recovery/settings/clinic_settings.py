"""Change clinic settings. A manager proposes one; a less strict one counts only after the lead's sign-off."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from patients.models import Clinic, Patient, Staff
from patients.services.errors import NotPossible
from patients.services.lead import lead_of
from recovery.models import ClinicSetting
from recovery.settings.clinic_config import COUNTED, config_for
from recovery.triage.config import needs_sign_off, settings, validate_config

State = ClinicSetting.State
SAME = "This is the present value already."
WAITS = "Another value waits for the medical lead. Take it back first, or wait for the answer."
GONE = "This was answered meanwhile. Look at the page again."
NOT_THE_LEAD = "Only the medical lead signs or refuses."


def propose(
    *, staff: Staff, key: str, value: Any, reason: str, effective_from: datetime | None, now: datetime
) -> ClinicSetting:
    """Propose a new value from a moment on (None: at once). Only a less strict value waits for the sign-off.

    NotPossible when the value is invalid or set already, or when another proposal for the key waits.
    """
    if problems := validate_config({key: value}):
        raise NotPossible(f"The value {problems[0][1]}.", field="value")
    begins = max(effective_from or now, now)
    with transaction.atomic():
        _lock(staff.clinic_id)
        rows = ClinicSetting.objects.filter(clinic_id=staff.clinic_id, key=key)
        if rows.filter(state=State.PROPOSED).exists():
            raise NotPossible(WAITS)
        known = _known_values(staff.clinic_id, key, begins)
        if all(value == one for one in known):
            raise NotPossible(SAME, field="value")
        loosens = any(needs_sign_off(key, one, value) for one in known)
        row = ClinicSetting(
            clinic_id=staff.clinic_id,
            key=key,
            value=value,
            loosens=loosens,
            reason=reason,
            state=State.PROPOSED if loosens else State.ACTIVE,
            effective_from=begins,
            proposed_by=staff,
            proposed_at=now,
        )
        if not loosens:
            _make_room(row, staff, now)
        row.save(force_insert=True)
    return row


def sign(*, staff: Staff, row_id: int, now: datetime) -> ClinicSetting:
    """Record the medical lead's sign-off: the setting counts from its moment, but not before the sign-off."""
    with transaction.atomic():
        row = _waiting(staff, row_id)
        _must_lead(staff)
        row.state, row.signed_by, row.signed_at = State.ACTIVE, staff, now
        row.effective_from = max(row.effective_from, now)
        _make_room(row, staff, now)
        row.save(update_fields=["state", "signed_by", "signed_at", "effective_from"])
    return row


def refuse(*, staff: Staff, row_id: int, now: datetime) -> ClinicSetting:
    """Record that the medical lead refuses the proposal."""
    with transaction.atomic():
        row = _waiting(staff, row_id)
        _must_lead(staff)
        return _over(row, State.REFUSED, staff, now)


def take_back(*, staff: Staff, row_id: int, now: datetime) -> ClinicSetting:
    """Withdraw a proposal that the medical lead has not answered yet."""
    with transaction.atomic():
        return _over(_waiting(staff, row_id), State.REFUSED, staff, now)


def _known_values(clinic_id: int, key: str, begins: datetime) -> list[Any]:
    """Return the value that counts when the new one would begin, and the last set value if it is still to come."""
    default = settings()[key].default
    at_that_moment = config_for(clinic_id, begins).get(key, default)
    live = ClinicSetting.objects.filter(clinic_id=clinic_id, key=key, state=State.ACTIVE).first()
    return [at_that_moment, live.value if live else default]


def _make_room(row: ClinicSetting, staff: Staff, now: datetime) -> None:
    """End all settings of this key that would count from this row's moment on, and make plans due."""
    begins = row.effective_from
    others = ClinicSetting.objects.filter(clinic_id=row.clinic_id, key=row.key, state__in=COUNTED)
    for other in others.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=begins)).exclude(pk=row.pk):
        # A setting that would have begun later never begins.
        _over(other, State.ENDED, staff, max(begins, other.effective_from))
    plans = Patient.all_clinics.filter(clinic_id=row.clinic_id, plan_due_at__gt=begins)
    plans.update(plan_due_at=begins)


def _over(row: ClinicSetting, state: str, staff: Staff, at: datetime) -> ClinicSetting:
    row.state, row.ended_by, row.ended_at = state, staff, at
    row.save(update_fields=["state", "ended_by", "ended_at"])
    return row


def _waiting(staff: Staff, row_id: int) -> ClinicSetting:
    """Return the clinic's unanswered proposal, locked with the clinic."""
    _lock(staff.clinic_id)
    row = ClinicSetting.objects.filter(clinic_id=staff.clinic_id, pk=row_id, state=State.PROPOSED).first()
    if row is None:
        raise NotPossible(GONE)
    return row


def _must_lead(staff: Staff) -> None:
    lead = lead_of(staff.clinic_id)
    if lead is None or lead.staff_id != staff.pk:
        raise NotPossible(NOT_THE_LEAD)


def _lock(clinic_id: int) -> None:
    """Lock the clinic, so that two changes of its settings run one after the other."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic_id)
