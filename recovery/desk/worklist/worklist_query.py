"""Load the worklist, most urgent first, then longest wait. More patients do not mean more statements."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from alerts.models import Alert, AlertSign
from patients import scoping
from patients.models import Patient, Procedure, Staff
from recovery.desk.worklist.list_filter import ListFilter, wanted
from recovery.desk.worklist.risk_flags import RECORD
from recovery.journey.call_backs import SPOKE
from recovery.models import DailyLog, PatientContact
from recovery.models.log import HAPPENED_AT
from recovery.selectors.patient_status import Known, presents, with_facts
from recovery.wording.log_words import back_pain

PAGE_ROWS = 50
# More patients in recovery than a clinic has; the sheet says when it leaves some out.
SHEET_PATIENTS = 1000
SPARK_DAYS = 14


@dataclass(frozen=True)
class ListCursor:
    """The end of a page: rank, waiting time and id of its last row."""

    rank: int
    since: datetime
    pk: int


@dataclass
class WorkRow:
    """One patient on the list, how they are now, and their recent pain."""

    patient: Patient
    known: Known
    pain: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def record(self) -> Mapping[str, Any]:
        """Return the parts of the record a row shows (risk_flags.RECORD); empty without a recovery."""
        return getattr(self.patient, "record", None) or {}

    @property
    def spoke(self) -> tuple[datetime, str] | None:
        """Return when somebody last spoke with the patient outside of an alert, and who."""
        found = getattr(self.patient, "spoke", None)
        return (datetime.fromisoformat(found["at"]), found["by"]) if found else None

    @property
    def alert(self) -> Alert | None:
        """Return the active alert, if any."""
        return self.known.alert

    @property
    def signs(self) -> list[AlertSign]:
        """Return the alert's open signs."""
        return self.known.signs

    @property
    def kind(self) -> str:
        """Return its group: alert, silent, watch, snoozed, hospital, call_back, unread, not_arrived or rest."""
        alert, now = self.known.alert, self.known.present
        if alert is not None and alert.tier != Alert.Tier.WATCH:
            return "alert"
        if alert is not None and alert.snoozed_until:
            return "snoozed"
        if now.in_hospital_since:
            return "hospital"
        if now.silent:
            return "silent"
        if alert is not None:
            return "watch"
        if self.known.call_back:
            return "call_back"
        if now.unread:
            return "unread"
        return "not_arrived" if self.known.not_arrived else "rest"


def worklist(
    staff: Staff, now: datetime, after: ListCursor | None = None, wish: ListFilter | None = None
) -> tuple[list[WorkRow], ListCursor | None]:
    """Return one page of a clinic's worklist and the cursor of the next page, in three statements."""
    patients = _page(wanted(scoping.for_staff(staff), wish or ListFilter(), staff, now), after)
    more, patients = len(patients) > PAGE_ROWS, patients[:PAGE_ROWS]
    known = presents(patients, now)
    rows = {patient.pk: WorkRow(patient, known[patient.pk]) for patient in patients}
    _add_pain(rows)
    found = list(rows.values())
    last = found[-1].patient if found else None
    cursor = ListCursor(last.work_rank, last.waiting_since, last.pk) if more and last else None
    return found, cursor


def open_items(staff: Staff, now: datetime) -> tuple[list[WorkRow], bool]:
    """Return all rows of a clinic for which something is open, and whether any are left out; three statements.

    Silence and unread notes depend on the clock, so each patient in recovery is looked at, not their rank alone.
    """
    patients = _with_record(with_facts(wanted(scoping.for_staff(staff), ListFilter(), staff, now)))
    found = list(patients.order_by("work_rank", "waiting_since", "pk")[: SHEET_PATIENTS + 1])
    known = presents(found, now)
    rows = {patient.pk: WorkRow(patient, known[patient.pk]) for patient in found[:SHEET_PATIENTS]}
    waiting = {pk: row for pk, row in rows.items() if row.kind != "rest"}
    _add_pain(waiting)
    return list(waiting.values()), len(found) > SHEET_PATIENTS


def _page(patients: QuerySet[Patient], after: ListCursor | None) -> list[Patient]:
    if after is not None:
        same_rank = Q(work_rank=after.rank)
        patients = patients.filter(
            Q(work_rank__gt=after.rank)
            | same_rank & Q(waiting_since__gt=after.since)
            | same_rank & Q(waiting_since=after.since, pk__gt=after.pk)
        )
    shown = _with_record(with_facts(patients))
    return list(shown.order_by("work_rank", "waiting_since", "pk")[: PAGE_ROWS + 1])


def _with_record(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Return the patients with what a row shows of the record, and with the last contact outside of an alert."""
    recovery = scoping.rows_of(Procedure, patient=OuterRef("pk")).filter(closed_at__isnull=True)
    spoke = scoping.rows_of(PatientContact, patient=OuterRef("pk")).filter(kind__in=SPOKE).order_by("-at")
    return patients.annotate(
        record=Subquery(recovery.values(row=JSONObject(**{name: name for name in RECORD}))[:1]),
        spoke=Subquery(spoke.values(row=JSONObject(at="at", by="staff__user__first_name"))[:1]),
    )


def _add_pain(rows: dict[int, WorkRow]) -> None:
    """Add back pain (the higher of moving and resting) of the last fourteen days, oldest first."""
    if not rows:
        return
    newest = max(row.patient.last_log_at or row.patient.enrolled_at for row in rows.values())
    since = newest - timedelta(days=SPARK_DAYS)
    logs = scoping.rows_of(DailyLog, patient=list(rows)).filter(answered_at__gte=since).annotate(at=HAPPENED_AT)
    points: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    wanted = logs.order_by("at").values_list("patient_id", "at", "answers__pain_move", "answers__pain_rest")
    for pk, at, move, rest in wanted:
        pain = back_pain({"pain_move": move, "pain_rest": rest})
        if pain is not None:
            points[pk].append((at, pain))
    for pk, found in points.items():
        rows[pk].pain = found
