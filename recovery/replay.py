"""Find the stored logs that another rule book or other clinic settings would judge differently. Stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from patients.models import Clinic, ClinicOverride, Staff
from patients.permissions import Permission, roles_with
from patients.tiers import RANK, URGENT, WATCH, most_urgent
from recovery.models import DailyLog
from recovery.triage.facts import APAP, FEVER_LINES, GRACE
from recovery.triage.replay import CannotReplayError, Trial, judge_again
from recovery.wording.left_over import heard

BATCH = 500
# The columns a replay reads, in the order of Row.
COLUMNS = (
    "code",
    "received_at",
    "patient_id",
    "patient__code",
    "patient__clinic_id",
    "procedure_id",
    "procedure__apap_max_mg",
    "assessment__tier",
    "assessment__fired",
    "assessment__facts",
    "assessment__unreadable",
)
# Read too when the danger words changed: the free text is then searched again (DailyLog.heard).
WRITTEN = ("answers", "left_over")


@dataclass(frozen=True, slots=True)
class Difference:
    """One log that would be judged differently; `gained` and `lost` are rule ids in rule book order."""

    log: str
    patient: str
    at: datetime
    before: str
    after: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def direction(self) -> str:
        """Return "more_urgent", "less_urgent", or "other_rules" when the tier stays."""
        step = RANK[self.after] - RANK[self.before]
        return "more_urgent" if step > 0 else "less_urgent" if step < 0 else "other_rules"


@dataclass(slots=True)
class Report:
    """The result of a replay; `differences` holds the first `kept` changed logs, in reading order."""

    kept: int
    nurses: int = 0
    days: float = 1.0
    judged: int = 0
    same: int = 0
    directions: Counter[str] = field(default_factory=Counter)
    tiers: Counter[tuple[str, str]] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    watch: Counter[str] = field(default_factory=Counter)
    not_judged: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    filled_logs: int = 0
    phone_worse: int = 0
    patients: set[int] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    left_out: bool = False

    @property
    def changed(self) -> int:
        """Return how many logs would be judged differently."""
        return self.judged - self.same

    def per_nurse_and_day(self, alerts: int) -> float | None:
        """Return the alerts per nurse and day; None for a clinic without an active nurse."""
        return alerts / self.nurses / self.days if self.nurses else None


@contextmanager
def read_only() -> Iterator[None]:
    """Open a transaction in which PostgreSQL refuses writes."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def logs_received(start: datetime, end: datetime, clinic: Clinic | None = None) -> QuerySet[DailyLog]:
    """Return the logs that arrived in [start, end), of one clinic or of all."""
    logs = DailyLog.objects.filter(received_at__gte=start, received_at__lt=end)
    return logs.filter(patient__clinic=clinic) if clinic else logs


def replay(
    logs: QuerySet[DailyLog], tried: Trial, *, days: float, keep: int, clinic: Clinic | None = None, most: int = 0
) -> Report:
    """Judge the logs again as a stream; `most` limits how many (0: all), `days` is the length of the period.

    Silence has no log and is not judged again. Must run inside read_only().
    """
    report = Report(keep, nurses=_nurses(clinic), days=days)
    own = _own_numbers() if tried.numbers else {}
    columns = (*COLUMNS, *WRITTEN) if tried.phrases else COLUMNS
    rows = logs.values_list(*columns)
    for row in (rows[: most + 1] if most else rows).iterator(chunk_size=BATCH):
        if most and report.judged + report.not_judged.total() == most:
            report.left_out = True
            break
        _judge_row(report, row, tried, own)
    return report


def _nurses(clinic: Clinic | None) -> int:
    roles = roles_with(Permission.TAKE_FIRST_CALL)
    nurses = Staff.objects.filter(role__in=roles, active=True, user__is_active=True)
    return (nurses.filter(clinic=clinic) if clinic else nurses).count()


def _own_numbers() -> dict[int, dict[str, Any]]:
    """Return today's overrides of single patients, by procedure; they count before the clinic's numbers."""
    own: dict[int, dict[str, Any]] = {}
    live = ClinicOverride.objects.filter(ended_at__isnull=True, key__in=[*FEVER_LINES, GRACE])
    for procedure, key, value in live.values_list("procedure_id", "key", "value"):
        own.setdefault(procedure, {})[key] = value
    return own


def _judge_row(report: Report, row: tuple[Any, ...], tried: Trial, own: Mapping[int, Mapping[str, Any]]) -> None:
    code, at, patient, patient_code, _, procedure, cap, tier, fired, facts, unreadable = row[: len(COLUMNS)]
    if tier is None or unreadable:
        return _unread(report, code, "the rules could not read it" if unreadable else "not judged yet")
    numbers = {**own.get(procedure, {}), **({APAP: cap} if cap is not None else {})}
    try:
        verdict, lacking = judge_again(facts, tried, numbers, heard(*row[len(COLUMNS) :]) if tried.phrases else {})
    except CannotReplayError as error:
        return _unread(report, code, str(error))
    report.judged += 1
    if lacking:
        report.filled_logs += 1
        report.filled.update(lacking)
    ids = tuple(entry["id"] for entry in fired)
    now = tuple(entry.id for entry in verdict.fired)
    before = most_urgent([entry["tier"] for entry in fired])
    report.phone_worse += tier != before
    if ids == now and before == verdict.tier:
        report.same += 1
        return None
    gained, lost = tuple(i for i in now if i not in ids), tuple(i for i in ids if i not in now)
    found = Difference(str(code), str(patient_code), at, before, verdict.tier, gained, lost)
    report.patients.add(patient)
    return _count(report, found, facts)


def _unread(report: Report, code: Any, reason: str) -> None:
    report.not_judged[reason] += 1
    if len(report.unread) < report.kept:
        report.unread.append((str(code), reason))


def _count(report: Report, found: Difference, facts: Mapping[str, Any]) -> None:
    """Count a difference. An urgent log adds an alert only while none is open; else it joins the open one."""
    report.directions[found.direction] += 1
    report.gained.update(found.gained)
    report.lost.update(found.lost)
    if len(report.differences) < report.kept:
        report.differences.append(found)
    if found.before == found.after:
        return
    report.tiers[found.before, found.after] += 1
    is_open = any(alert["tier"] in URGENT for alert in facts["open_alerts"])
    if not is_open and (found.after in URGENT) != (found.before in URGENT):
        report.alerts["added" if found.after in URGENT else "removed"] += 1
    if WATCH in (found.before, found.after):
        report.watch["added" if found.after == WATCH else "removed"] += 1
