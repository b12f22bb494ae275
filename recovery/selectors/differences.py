"""Count how often phones judged differently from the server: old facts, an old rule book, or a bug."""

from datetime import datetime, timedelta

from django.db.models import Count

from patients.models import Clinic
from patients.scoping import across_clinics, rows_of
from recovery.models import Assessment
from recovery.wording.difference import KINDS

DAYS = 7


def differences(now: datetime, clinic: Clinic | None = None) -> dict[str, int]:
    """Return how many of each kind in the last DAYS days, of one or all real clinics, in one statement."""
    real = across_clinics(Assessment, "an operator's figures").exclude(patient__clinic__is_canary=True)
    rows = rows_of(Assessment, clinic=clinic) if clinic else real
    lately = rows.exclude(difference="").filter(at__gte=now - timedelta(days=DAYS))
    counted = lately.order_by().values_list("difference").annotate(number=Count("pk"))
    return {**dict.fromkeys(KINDS, 0), **dict(counted)}
