"""How many calm logs about one patient are taken within an hour. What is urgent is never refused.

A script that sends without end, or a phone gone wrong, must not bury a chart or slow the others. A phone keeps
what was not taken, and sends it later.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from patients.models import Patient, Procedure
from recovery.logs.urgent_part import URGENT, urgent_already
from recovery.models import DailyLog
from recovery.state import record

MOST, WITHIN = 120, timedelta(hours=1)
WORDS = (
    f"Your clinic has {MOST} logs from the last hour, so this one was not sent. Your answers are still here."
    " Please send it again in a while. If you feel worse, do not wait: call your clinic."
)


def procedure_to_log_for(patient: Patient, now: datetime) -> Procedure | None:
    """The recovery being watched, and how many logs came lately, in one statement."""
    logs = DailyLog.objects.filter(patient=OuterRef("patient"), received_at__gt=now - WITHIN).order_by()
    count = logs.values("patient").annotate(count=Count("pk")).values("count")
    watched = record.with_overrides(Procedure.objects.filter(patient=patient, closed_at__isnull=True))
    return watched.annotate(lately=Coalesce(Subquery(count), 0)).first()


def is_one_too_many(
    procedure: Procedure,
    answers: Mapping[str, Any],
    unread: Mapping[str, Any],
    *,
    client_id: uuid.UUID,
    now: datetime,
    phone_tier: str = "",
) -> bool:
    """May this log wait, and must it? One that is known already is not one more."""
    lately: int = procedure.lately  # type: ignore[attr-defined]
    if lately < MOST or phone_tier in URGENT or urgent_already(procedure, answers, unread, now):
        return False
    return not DailyLog.objects.filter(patient_id=procedure.patient_id, client_id=client_id).exists()
