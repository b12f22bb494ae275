"""Since when a patient waits for somebody of the clinic, asked together with the logs that say why."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from alerts.models import AlertEvent, AlertSign
from patients.scoping import rows_of
from patients.tiers import URGENT

CONTACTS = ("contacted", "evaluated")
# What starts the wait. Taking an alert and letting its time run out is no start, and no worse log ends the wait
# that has begun: the clock of the team starts again then, the patient's does not.
TOLD = ("opened", "upgraded", "reopened")
ASKED_AGAIN = ("call_back_missed", "check_due", "contact_ran_out", "not_reached")
MISSED = "call_back_missed"
# Signs with do-not-wait minutes of their own (DF-39).
HURRIED = ("weak", "bladder", "bowel")


def waiting_columns(alert: str, waiting: QuerySet[AlertSign]) -> dict[str, Any]:
    """Annotations of rows that name their alert by this path. waiting: its urgent signs nobody has answered."""
    contact = rows_of(AlertEvent, alert=OuterRef("alert")).filter(what__in=CONTACTS).order_by("-id").values("id")
    of_it = rows_of(AlertEvent, alert=OuterRef(alert)).filter(id__gt=Coalesce(Subquery(contact[:1]), Value(0)))
    start = Q(what__in=TOLD, detail__tier__in=URGENT) | Q(what__in=ASKED_AGAIN)
    return {
        "waits_since": Subquery(of_it.filter(start).order_by("id").values("at")[:1]),
        "promise_missed_at": Subquery(of_it.filter(what=MISSED).order_by("id").values("at")[:1]),
        "hurried": ArraySubquery(waiting.filter(sign__in=HURRIED).values("sign")),
    }
