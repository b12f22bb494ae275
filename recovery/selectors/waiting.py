"""Load since when a patient waits for staff, together with the logs."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from alerts.models import AlertEvent, AlertSign
from patients.scoping import rows_of
from patients.tiers import URGENT

CONTACTS = ("contacted", "evaluated")
# The events that start the patient's wait. An acknowledgement that runs out does not start it, and a worse log
# does not restart it: that restarts the alert's clock only.
TOLD = ("opened", "upgraded", "reopened")
ASKED_AGAIN = ("call_back_missed", "check_due", "contact_ran_out", "not_reached")
MISSED = "call_back_missed"
# Signs with do-not-wait minutes of their own (DF-39).
HURRIED = ("weak", "bladder", "bowel")


def waiting_columns(alert: str, waiting: QuerySet[AlertSign]) -> dict[str, Any]:
    """Return annotations for rows with their alert at this path. waiting: the alert's unanswered urgent signs."""
    contact = rows_of(AlertEvent, alert=OuterRef("alert")).filter(what__in=CONTACTS).order_by("-id").values("id")
    of_it = rows_of(AlertEvent, alert=OuterRef(alert)).filter(id__gt=Coalesce(Subquery(contact[:1]), Value(0)))
    start = Q(what__in=TOLD, detail__tier__in=URGENT) | Q(what__in=ASKED_AGAIN)
    return {
        "waits_since": Subquery(of_it.filter(start).order_by("id").values("at")[:1]),
        "promise_missed_at": Subquery(of_it.filter(what=MISSED).order_by("id").values("at")[:1]),
        "hurried": ArraySubquery(waiting.filter(sign__in=HURRIED).values("sign")),
    }
