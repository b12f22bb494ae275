"""The nurse's list: who needs a person most, then who has waited longest. Flat however many patients there are."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from alerts.models import Alert, AlertEvent, AlertSign
from patients import scoping
from patients.models import Patient, Staff
from recovery.models import DailyLog
from recovery.models.log import HAPPENED_AT

PAGE_ROWS = 50
SPARK_DAYS = 14
SILENT = "RW-24"


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: rank, waiting time and id of its last row."""

    rank: int
    since: datetime
    pk: int


@dataclass
class WorkRow:
    """One patient on the list, with the active alert and its open signs when there is one."""

    patient: Patient
    alert: Alert | None = None
    signs: list[AlertSign] = field(default_factory=list)
    pain: list[tuple[datetime, int]] = field(default_factory=list)
    # Since the alert waits, its plan has once reached nobody.
    unreached: bool = False

    @property
    def kind(self) -> str:
        """alert, silent, watch, snoozed or rest: the parts of the list."""
        if self.alert is None:
            return "rest"
        if self.alert.tier != Alert.Tier.WATCH:
            return "alert"
        if self.alert.snoozed_until:
            return "snoozed"
        return "silent" if any(sign.sign == SILENT for sign in self.signs) else "watch"


def worklist(staff: Staff, after: Cursor | None = None) -> tuple[list[WorkRow], Cursor | None]:
    """One page of a clinic's list in three statements, and where the next page starts."""
    patients = _page(staff, after)
    more = len(patients) > PAGE_ROWS
    rows = {patient.pk: WorkRow(patient) for patient in patients[:PAGE_ROWS]}
    _add_alerts(rows)
    _add_pain(rows)
    found = list(rows.values())
    last = found[-1].patient if found else None
    cursor = Cursor(last.work_rank, last.waiting_since, last.pk) if more and last else None
    return found, cursor


def _page(staff: Staff, after: Cursor | None) -> list[Patient]:
    patients = scoping.for_staff(staff).filter(procedures__closed_at__isnull=True, procedures__isnull=False)
    if after is not None:
        same_rank = Q(work_rank=after.rank)
        patients = patients.filter(
            Q(work_rank__gt=after.rank)
            | same_rank & Q(waiting_since__gt=after.since)
            | same_rank & Q(waiting_since=after.since, pk__gt=after.pk)
        )
    ordered = patients.annotate(procedure_ended_at=F("procedures__ended_at"))
    return list(ordered.order_by("work_rank", "waiting_since", "pk")[: PAGE_ROWS + 1])


def _add_alerts(rows: dict[int, WorkRow]) -> None:
    """Active alerts come with their open signs: an active alert always has one."""
    reached_nobody = AlertEvent.objects.filter(
        alert=OuterRef("alert"), what="nobody_reachable", at__gte=OuterRef("alert__clock_started_at")
    )
    signs = AlertSign.objects.filter(patient_id__in=rows, resolved_at__isnull=True)
    signs = signs.annotate(unreached=Exists(reached_nobody)).select_related("alert__acked_by__user")
    for sign in signs.order_by("opened_at", "id"):
        row = rows[sign.patient_id]
        row.alert = row.alert or sign.alert
        row.unreached = sign.unreached
        row.signs.append(sign)


def _add_pain(rows: dict[int, WorkRow]) -> None:
    """Back pain (the higher of moving and resting) of the last fourteen days, oldest first."""
    if not rows:
        return
    newest = max(row.patient.last_log_at or row.patient.enrolled_at for row in rows.values())
    since = newest - timedelta(days=SPARK_DAYS)
    logs = DailyLog.objects.filter(patient_id__in=rows, answered_at__gte=since).annotate(at=HAPPENED_AT)
    points: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    wanted = logs.order_by("at").values_list("patient_id", "at", "answers__pain_move", "answers__pain_rest")
    for pk, at, move, rest in wanted:
        pain = back_pain({"pain_move": move, "pain_rest": rest})
        if pain is not None:
            points[pk].append((at, pain))
    for pk, found in points.items():
        rows[pk].pain = found


def back_pain(answers: dict[str, Any]) -> int | None:
    """The higher of pain on moving and at rest; None when neither was answered."""
    given = [answers[name] for name in ("pain_move", "pain_rest") if answers.get(name) is not None]
    return max(given) if given else None
