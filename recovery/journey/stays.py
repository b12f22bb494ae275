"""Hospital stays: staff begin, confirm and end them; a patient or helper may say that one began or ended.

During a stay reminders, plan and silence pause, and the worklist shows the stay. Alerts keep their state, and a
new log is judged as usual. What nobody on the staff has confirmed says so on the list, and asks for a call.
"""

from datetime import datetime

from django.db import transaction

from alerts.lifecycle.locking import NO_ACCESS, hold
from alerts.models.refusals import AlertError
from alerts.screens import live
from patients.audit import changed
from patients.models import HospitalStay, Patient, Staff, User
from patients.models.patient import RANK_CALL_BACK, RANK_HOSPITAL, RANK_REST
from patients.services.records import look_again
from patients.status import lock, rest_rank

ALREADY = "It is written down already that this patient is in the hospital."
NOT_THERE = "It is not written down that this patient is in the hospital, or somebody has just ended it."
BEFORE_IT_BEGAN = "This is before the stay began."


def open_stay(patient: Patient) -> HospitalStay | None:
    """Return the patient's open stay with the staff who recorded and confirmed it; None without a stay."""
    rows = HospitalStay.objects.filter(patient=patient, ended_at__isnull=True)
    return rows.select_related("noted_by__user", "checked_by__user", "said_by").first()


def begin(*, staff: Staff, patient: Patient, since: datetime, note: str, now: datetime) -> HospitalStay:
    """Record that the patient is in the hospital. AlertError when a stay is open already."""
    with transaction.atomic():
        _hold(staff, patient)
        if open_stay(patient):
            raise AlertError(ALREADY)
        stay = HospitalStay.objects.create(
            patient=patient,
            since=min(since, now),
            noted_at=now,
            noted_by=staff,
            note=note,
            checked_at=now,
            checked_by=staff,
        )
        resting = Patient.all_clinics.filter(pk=patient.pk, work_rank__in=(RANK_CALL_BACK, RANK_REST))
        resting.update(work_rank=rest_rank(), waiting_since=stay.since)
        _follow(patient, staff.user, "wrote down a hospital stay", now)
    return stay


def say_began(*, patient: Patient, actor: User, now: datetime) -> bool:
    """Record that somebody on a phone says the patient is in the hospital; False when a stay is open already."""
    with transaction.atomic():
        lock(patient.pk)
        if open_stay(patient):
            return False
        stay = HospitalStay.objects.create(patient=patient, since=now, noted_at=now, said_by=actor, checked_at=now)
        resting = Patient.all_clinics.filter(pk=patient.pk, work_rank__in=(RANK_CALL_BACK, RANK_REST))
        resting.update(work_rank=rest_rank(), waiting_since=stay.since)
        _follow(patient, actor, "said: in the hospital", now)
    return True


def say_ended(*, patient: Patient, actor: User, now: datetime) -> bool:
    """Record that the patient or a helper says the patient is home; False without an open stay."""
    with transaction.atomic():
        lock(patient.pk)
        stay = open_stay(patient)
        if stay is None:
            return False
        HospitalStay.objects.filter(pk=stay.pk).update(ended_at=max(now, stay.since), end_said_by=actor)
        resting = Patient.all_clinics.filter(pk=patient.pk, work_rank=RANK_HOSPITAL)
        resting.update(work_rank=rest_rank(), waiting_since=now)
        _follow(patient, actor, "said: home from the hospital", now)
    return True


def confirm(*, staff: Staff, patient: Patient, now: datetime) -> None:
    """Record that the patient is still in the hospital; the worklist asks again some days later."""
    with transaction.atomic():
        _hold(staff, patient)
        if not HospitalStay.objects.filter(patient=patient, ended_at__isnull=True).update(
            checked_at=now, checked_by=staff
        ):
            raise AlertError(NOT_THERE)
        _follow(patient, staff.user, "confirmed the hospital stay", now)


def end(*, staff: Staff, patient: Patient, ended_at: datetime, note: str, now: datetime) -> None:
    """Record that the patient came home: reminders, plan and silence continue. AlertError without an open stay."""
    with transaction.atomic():
        _hold(staff, patient)
        stay = open_stay(patient)
        if stay is None:
            raise AlertError(NOT_THERE)
        if ended_at < stay.since:
            raise AlertError(BEFORE_IT_BEGAN)
        HospitalStay.objects.filter(pk=stay.pk).update(ended_at=min(ended_at, now), ended_by=staff, end_note=note)
        resting = Patient.all_clinics.filter(pk=patient.pk, work_rank=RANK_HOSPITAL)
        resting.update(work_rank=rest_rank(), waiting_since=now)
        _follow(patient, staff.user, "ended the hospital stay", now)


def _hold(staff: Staff, patient: Patient) -> None:
    """Lock the staff's access and the patient's row until the transaction ends; AlertError without access."""
    if staff.pk not in hold(staff):
        raise AlertError(NO_ACCESS)
    lock(patient.pk)


def _follow(patient: Patient, actor: User, action: str, now: datetime) -> None:
    """Make the plan due, write the access log, and update open screens."""
    look_again(patient, now)
    changed(patient, actor, action, "", now)
    transaction.on_commit(lambda: live.publish(patient.clinic_id))
