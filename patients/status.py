"""The status on a patient's row by which the worklist is sorted, and the lock for those who write it.

Code that needs both a patient's row and an alert's row locks the patient's first, to avoid deadlocks.
"""

from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from patients.models import CallBack, HospitalStay, Patient
from patients.models.patient import RANK_CALL_BACK, RANK_HOSPITAL, RANK_REST


def lock(patient_id: int) -> None:
    """Lock the patient's row until the transaction ends, so that changes to their alert wait for each other."""
    Patient.all_clinics.select_for_update(no_key=True).only("pk").get(pk=patient_id)


def rest_rank() -> Combinable:
    """Return the rank of a patient without a waiting alert: hospital, promised call-back, or at the end."""
    away = HospitalStay.objects.filter(patient=OuterRef("pk"), ended_at__isnull=True)
    promised = CallBack.objects.filter(patient=OuterRef("pk"), settled_at__isnull=True)
    return Case(
        When(Exists(away), then=Value(RANK_HOSPITAL)),
        When(Exists(promised), then=Value(RANK_CALL_BACK)),
        default=Value(RANK_REST),
    )


def set_status(
    patient_id: int, *, work_rank: int | Combinable, nurse_priority: str, waiting_since: datetime | None = None
) -> None:
    """Write rank and priority. Without waiting_since no alert waits, and the last log, if any, gives the order."""
    Patient.all_clinics.filter(pk=patient_id).update(
        work_rank=work_rank,
        nurse_priority=nurse_priority,
        waiting_since=waiting_since or Coalesce("last_log_at", "waiting_since"),
    )
