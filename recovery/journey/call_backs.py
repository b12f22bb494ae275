"""A call-back that was promised while no alert waited: a row that falls due, and somebody is told.

Speaking with the patient settles it. When its time passes first, an alert asks for it, and whoever promised it is
told; when nothing reaches them any more, the nurse on call is.
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
    """Write it down, in the transaction of the contact it was promised in. The patient's row is held."""
    row = CallBack.objects.create(patient=patient, promised_by=staff, promised_at=now, due_at=max(due_at, now))
    resting = Patient.all_clinics.filter(pk=patient.pk, work_rank=RANK_REST)
    resting.update(work_rank=rest_rank(), waiting_since=row.due_at)
    return row


def settle(*, staff: Staff, patient: Patient, now: datetime, late_only: bool = False) -> None:
    """Somebody spoke with the patient: nothing that was promised before is owed any more.

    late_only: an alert was closed; what is still to come stays promised.
    """
    rows = CallBack.objects.filter(patient=patient, settled_at__isnull=True)
    if late_only:
        rows = rows.filter(late_at__isnull=False)
    if rows.update(settled_at=now, settled_by=staff):
        resting = Patient.all_clinics.filter(pk=patient.pk, work_rank=RANK_CALL_BACK)
        resting.update(work_rank=rest_rank(), waiting_since=now)


def notice_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Tell of the call-backs whose time has passed, each in its own transaction; of how many."""
    return walk(CALL_BACKS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[CallBack]:
    return CallBack.objects.filter(settled_at__isnull=True, late_at__isnull=True, due_at__lte=now)


def _notice_one(pk: int, now: datetime) -> bool:
    """Claim it with its patient's row; False when somebody else holds either, or it is not due any more."""
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
    """Whoever promised it, if more than the screen reaches them; else the nurses on call."""
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
