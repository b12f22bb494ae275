"""Logs that a phone says it has made and that have not arrived for some time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject, Now

from patients.scoping import rows_of
from recovery.models import PhoneCount

# A phone with a signal sends all its logs within moments, most urgent first.
STAYS = timedelta(minutes=10)
# After this time a lost phone is no longer reported.
SHOWN_FOR = timedelta(days=14)


@dataclass(frozen=True)
class NotArrived:
    """How many logs of one phone have not arrived. by: who wrote them; since: when they were first missed."""

    logs: int
    by: str
    since: datetime


def _rows(patient: str) -> QuerySet[PhoneCount]:
    lately = {"missing_since__lte": Now() - STAYS, "missing_since__gt": Now() - SHOWN_FOR}
    return rows_of(PhoneCount, patient=OuterRef(patient)).filter(missing__gt=0, **lately)


def not_arrived_columns(patient: str) -> ArraySubquery:
    """Return a subquery of the logs not arrived, by phone, for each patient; read_not_arrived reads it."""
    by = {"first": "user__first_name", "last": "user__last_name"}
    rows = _rows(patient).order_by("missing_since", "pk")
    return ArraySubquery(rows.values(row=JSONObject(logs="missing", since="missing_since", **by)))


def how_many_not_arrived(patient: str) -> Coalesce:
    """Return a subquery of how many logs of all phones have not arrived, for each patient."""
    counted = _rows(patient).order_by().values("patient").annotate(logs=Sum("missing")).values("logs")
    return Coalesce(Subquery(counted), 0)


def read_not_arrived(rows: list[dict[str, str]]) -> list[NotArrived]:
    """Return the values of not_arrived_columns."""
    return [
        NotArrived(int(row["logs"]), f"{row['first']} {row['last']}".strip(), datetime.fromisoformat(row["since"]))
        for row in rows
    ]
