"""Promised call-backs while no alert waits: rows that fall due.

A contact with the patient settles the promise. If its time passes first, an alert is raised and the person who
promised it is told; if no message can reach them any more, the nurse on call is told.
"""

from datetime import datetime

from django.db.models import QuerySet

from alerts import lifecycle as alert_services
from alerts.lifecycle.clearing import CALL_BACK
from alerts.lifecycle.tell_colleague import tell_one
from alerts.oncall.roster import rosters, works
from alerts.policy.plan import BOARD_ONLY, URGENT_CHANNELS, Step
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import CallBack, Patient, Staff
from patients.models.patient import RANK_CALL_BACK, RANK_REST
from patients.status import rest_rank
from patients.tiers import WATCH
from recovery.models.contact import PatientContact

MESSAGE = "staff_call_back"
SPOKE = (PatientContact.Kind.CONTACTED, PatientContact.Kind.EVALUATED)


def promise(*, staff: Staff, patient: Patient, due_at: datetime, now: datetime) -> CallBack:
    """Store a promised call-back, in the transaction of its contact. The patient's row must be locked."""
    row = CallBack.objects.create(patient=patient, promised_by=staff, promised_at=now, due_at=max(due_at, now))
    resting = Patient.all_clinics.filter(pk=patient.pk, work_rank=RANK_REST)
    resting.update(work_rank=rest_rank(), waiting_since=row.due_at)
    return row


def settle(*, staff: Staff, patient: Patient, now: datetime, late_only: bool = False) -> None:
    """Settle the patient's open call-backs, because staff spoke with the patient.

    late_only: settle only late ones, because an alert was closed; later promises stay.
    """
    rows = CallBack.objects.filter(patient=patient, settled_at__isnull=True)
    if late_only:
        rows = rows.filter(late_at__isnull=False)
    if rows.update(settled_at=now, settled_by=staff):
        resting = Patient.all_clinics.filter(pk=patient.pk, work_rank=RANK_CALL_BACK)
        resting.update(work_rank=rest_rank(), waiting_since=now)


def notice_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Raise alerts for call-backs whose time has passed, each in its own transaction; returns how many."""
    return walk(CALL_BACKS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[CallBack]:
    return CallBack.objects.filter(settled_at__isnull=True, late_at__isnull=True, due_at__lte=now)


def _notice_one(pk: int, now: datetime) -> bool:
    """Handle one call-back; False when another process has its or the patient's row, or it is no longer due."""
    rows = _due(now).filter(pk=pk).select_related("patient__clinic", "promised_by__user")
    row = rows.select_for_update(skip_locked=True, no_key=True, of=("self", "patient")).first()
    if row is None:
        return False
    sign = alert_services.SignInput(CALL_BACK, WATCH)
    alert = alert_services.raise_alert(patient=row.patient, tier=WATCH, priority="P3", signs=[sign], now=now)
    for person in _whom_to_tell(row, now):
        tell_one(alert, person, MESSAGE, now, channels=URGENT_CHANNELS)
    CallBack.objects.filter(pk=pk).update(late_at=now)
    return True


def _whom_to_tell(row: CallBack, now: datetime) -> list[Staff]:
    """Return the person who promised it if a message can reach them off the screen; else the nurses on call."""
    roster = rosters([row.patient.clinic_id], now)[row.patient.clinic_id]
    ways = roster.reachable([row.promised_by], URGENT_CHANNELS) if works(row.promised_by) else []
    if {way for _, way in ways} - set(BOARD_ONLY):
        return [row.promised_by]
    return roster.audience(Step(0, "nurse_on_call"))


CALL_BACKS = Sweep(
    name="call-backs",
    words="A promised call-back",
    due=_due,
    handle=_notice_one,
    order=("due_at", "pk"),
    clinic="patient__clinic_id",
    patient="patient_id",
)
