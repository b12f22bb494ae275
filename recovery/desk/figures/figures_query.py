"""Load the figures page: one clinic's last days, in ten statements for any number of alerts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from alerts.models import Alert, AlertEvent, Delivery
from alerts.monitoring.figures import AlertRow, Figures, figures
from patients import scoping
from patients.models import Procedure, Staff
from patients.permissions import Permission, roles_with
from patients.scoping import joined, rows_of
from recovery.models import Assessment, DailyLog, PatientContact
from recovery.selectors.patient_status import PeopleNow, people_now

# Far more than a clinic has in 90 days; the page says so when it is reached.
ALERTS_MOST = 5000


@dataclass(frozen=True)
class ClinicFigures:
    """The figures, whether the oldest alerts were left out, patients now, and contacts without an alert."""

    figures: Figures
    cut: bool
    now: PeopleNow
    contacts: int


def clinic_figures(staff: Staff, days: int, now: datetime) -> ClinicFigures:
    """Return the figures of alerts opened in the last days at the staff member's clinic."""
    since = now - timedelta(days=days)
    patients = scoping.for_staff(staff)
    alerts = rows_of(Alert, patient=patients).filter(opened_at__gte=since, opened_at__lt=now)
    columns = alerts.values("pk", "tier", "opened_at", "resolved_at", "worth", "reopened")
    rows = list(columns.order_by("-opened_at")[:ALERTS_MOST])
    sent = _sent(alerts)
    found = figures(
        _rows(rows, _events(alerts), sent, _rules(alerts)),
        now=now,
        days=days,
        logs=_logs(patients, since, now),
        spans=rows_of(Procedure, patient=patients).values_list("ended_at", "closed_at"),
        pages=_pages(sent),
        nurses=rows_of(Staff, clinic=staff.clinic_id)
        .filter(
            role__in=roles_with(Permission.TAKE_FIRST_CALL),
            active=True,
            user__is_active=True,
        )
        .values_list("pk", flat=True),
        zone=ZoneInfo(staff.clinic.timezone),
    )
    contacts = rows_of(PatientContact, patient=patients).filter(at__gte=since, at__lt=now).count()
    return ClinicFigures(found, len(rows) == ALERTS_MOST, people_now(patients, now), contacts)


def _rows(
    rows: Sequence[Mapping[str, Any]],
    events: dict[int, list[tuple[datetime, str, bool]]],
    sent: list[tuple[int, datetime, datetime, str]],
    rules: dict[int, set[str]],
) -> list[AlertRow]:
    sent_at: dict[int, list[datetime]] = defaultdict(list)
    for alert, at, _, _ in sent:
        sent_at[alert].append(at)
    return [
        AlertRow(
            tier=row["tier"],
            opened_at=row["opened_at"],
            closed_at=row["resolved_at"],
            worth=row["worth"],
            reopened=row["reopened"],
            events=tuple(events[row["pk"]]),
            sent_at=tuple(sent_at[row["pk"]]),
            rules=frozenset(rules[row["pk"]]),
        )
        for row in rows
    ]


def _events(alerts: QuerySet[Alert]) -> dict[int, list[tuple[datetime, str, bool]]]:
    found: dict[int, list[tuple[datetime, str, bool]]] = defaultdict(list)
    rows = rows_of(AlertEvent, alert=alerts).order_by("at", "id")
    for alert, at, what, staff in rows.values_list("alert_id", "at", "what", "staff_id"):
        found[alert].append((at, what, staff is not None))
    return found


def _sent(alerts: QuerySet[Alert]) -> list[tuple[int, datetime, datetime, str]]:
    """Return messages sent by other channels than the board: alert, when sent, when decided, to whom."""
    rows = (
        rows_of(Delivery, alert=alerts)
        .filter(message="staff_alert", recipient__startswith="staff:", sent_at__isnull=False)
        .exclude(channel="board")
    )
    found = rows.values_list("alert_id", "sent_at", "created_at", "recipient")
    return [(alert, at, decided, to) for alert, at, decided, to in found if at]


def _pages(sent: list[tuple[int, datetime, datetime, str]]) -> set[tuple[int, datetime]]:
    """Count one page per person and step, whatever the number of channels."""
    return {(int(recipient.split(":")[1]), at) for _, _, at, recipient in sent}


def _rules(alerts: QuerySet[Alert]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for alert, fired in rows_of(Assessment, alert=alerts).values_list("alert_id", "fired"):
        found[alert].update(entry["id"] for entry in fired)
    return found


def _logs(patients: QuerySet[Any], since: datetime, now: datetime) -> int:
    """Count the logs that arrived; a corrected log counts once."""
    later = joined(DailyLog).filter(supersedes=OuterRef("pk"))
    rows = rows_of(DailyLog, patient=patients).filter(received_at__gte=since, received_at__lt=now)
    return rows.filter(~Exists(later)).count()
