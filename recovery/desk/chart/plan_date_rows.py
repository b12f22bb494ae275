"""The days of the plan on the chart: what is set, who set it, when and why, and the form that changes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from patients.models import Procedure, Staff
from patients.permissions import Permission, may
from recovery.desk.chart.chart_query import Chart
from recovery.desk.chart.plan_date_forms import KINDS, PlanDateForm
from recovery.journey.plan_dates import THINNER, in_words, reason_of


@dataclass(frozen=True)
class PlanDate:
    """One day of the plan. why, by, at: empty when it stands as the record was first entered.

    form: None when this person may not change it. seen: the newest change of the record that the form knows.
    """

    key: str
    title: str
    words: str
    why: str
    by: str
    at: datetime | None
    form: PlanDateForm | None
    seen: int


def applies(kind: type[PlanDateForm], procedure: Procedure) -> bool:
    """Return whether this recovery has such a day: a restart only while a blood thinner is on hold."""
    return kind.key != THINNER or procedure.blood_thinner_held


def plan_dates(found: Chart, staff: Staff) -> list[PlanDate]:
    """Return the days of this recovery; none without one. Runs no statement."""
    procedure = found.procedure
    if procedure is None or not may(staff, Permission.CHANGE_PLAN):
        return []
    said: list[dict[str, Any]] = getattr(procedure, "days_said", None) or []
    newest = {row["about"]: row for row in said}
    return [_row(found, procedure, staff, kind, newest) for kind in KINDS if applies(kind, procedure)]


def _row(
    found: Chart, procedure: Procedure, staff: Staff, kind: type[PlanDateForm], newest: dict[str, Any]
) -> PlanDate:
    zone, row = ZoneInfo(staff.clinic.timezone), newest.get(kind.key)
    form = kind(procedure=procedure, zone=zone, now=found.now)
    values = {name: getattr(procedure, name, None) for name in kind.base_fields}
    return PlanDate(
        key=kind.key,
        title=form.title,
        words=in_words(kind.key, values, zone),
        why=reason_of(row["note"]) if row else "",
        by=(f"{row['first']} {row['last']}".strip() or row["email"]) if row else "",
        at=datetime.fromisoformat(row["at"]) if row else None,
        form=form if not kind.lifts or may(staff, Permission.LIFT_LIMITS) else None,
        seen=getattr(procedure, "newest_change", None) or 0,
    )
