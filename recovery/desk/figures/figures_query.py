"""Load the figures page: one clinic's last days, in twelve statements for any number of alerts and patients."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncWeek

from alerts.models import Alert, AlertEvent, Delivery
from alerts.monitoring.figures import AlertRow, Figures, figures
from alerts.monitoring.figures_by import WEEKS, ShiftFigures, Week, Work, by_person, by_shift, by_week
from patients.models import Patient, Staff
from patients.permissions import Permission, roles_with
from patients.scoping import joined, rows_of
from recovery.desk.figures.filters import Choice
from recovery.models import Assessment, DailyLog, PatientContact
from recovery.selectors.patient_status import PeopleNow, people_now

# Far more than a clinic has in a year; the page says so when it is reached.
ALERTS_MOST = 5000
TREND = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class ClinicFigures:
    """The figures of the alerts of the period. rows: those alerts. recent: those of the weeks shown as a trend.

    cut: whether the oldest alerts were left out. work: by staff. contacts: how many without an alert.
    """

    figures: Figures
    rows: list[AlertRow]
    recent: list[AlertRow]
    shifts: list[ShiftFigures]
    weeks: list[Week]
    work: dict[int, Work]
    people: dict[int, Staff]
    cut: bool
    now: PeopleNow
    contacts: int


def clinic_figures(staff: Staff, choice: Choice, now: datetime) -> ClinicFigures:
    """Return the figures of alerts opened in the last days about the patients that the choice leaves."""
    zone, patients = ZoneInfo(staff.clinic.timezone), choice.patients(staff)
    since = now - timedelta(days=choice.days)
    recent, sent, cut = alert_rows(patients, choice, now)
    rows = [row for row in recent if row.opened_at >= since]
    pages = {(int(to.split(":")[1]), decided) for _, at, decided, to in sent if at >= since}
    weeks = _logs_by_week(patients, now, zone)
    contacts = _contacts(patients, since, now)
    people = _people(staff)
    found = figures(
        rows,
        now=now,
        days=choice.days,
        logs=_logs(patients, since, now),
        spans=choice.procedures(staff).values_list("ended_at", "closed_at"),
        pages=pages,
        nurses=[pk for pk, person in people.items() if _first_called(person)],
        zone=zone,
    )
    return ClinicFigures(
        figures=found,
        rows=rows,
        recent=recent,
        shifts=by_shift(rows, zone),
        weeks=by_week(recent, weeks, now, zone),
        work=by_person(rows, pages, contacts),
        people=people,
        cut=cut,
        now=people_now(patients, now),
        contacts=len(contacts),
    )


def alert_rows(
    patients: QuerySet[Patient], choice: Choice, now: datetime
) -> tuple[list[AlertRow], list[tuple[int, datetime, datetime, str]], bool]:
    """Return the alerts of the period and of the weeks shown, the newest first, with messages sent about them.

    The third value says whether the oldest were left out.
    """
    begin = now - max(timedelta(days=choice.days), TREND + timedelta(days=7))
    alerts = rows_of(Alert, patient=patients).filter(opened_at__gte=begin, opened_at__lt=now)
    columns = alerts.values("pk", "tier", "opened_at", "resolved_at", "worth", "reopened", "outcome")
    rows = list(columns.order_by("-opened_at", "-pk")[:ALERTS_MOST])
    sent = _sent(alerts)
    return _rows(rows, _events(alerts), sent, _rules(alerts)), sent, len(rows) == ALERTS_MOST


def _first_called(person: Staff) -> bool:
    return person.active and person.user.is_active and person.role in roles_with(Permission.TAKE_FIRST_CALL)


def _people(staff: Staff) -> dict[int, Staff]:
    """Return everybody of the clinic, also those who left: their work stays theirs."""
    return {person.pk: person for person in rows_of(Staff, clinic=staff.clinic_id).select_related("user")}


def _rows(
    rows: Sequence[Mapping[str, Any]],
    events: dict[int, list[tuple[datetime, str, int | None, Any]]],
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
            events=tuple((at, what, person) for at, what, person, _ in events[row["pk"]]),
            sent_at=tuple(sent_at[row["pk"]]),
            rules=frozenset(rules[row["pk"]]),
            minutes=tuple((who, spent) for _, _, who, spent in events[row["pk"]] if who and spent),
            pk=row["pk"],
            outcome=row["outcome"],
        )
        for row in rows
    ]


def _events(alerts: QuerySet[Alert]) -> dict[int, list[tuple[datetime, str, int | None, Any]]]:
    found: dict[int, list[tuple[datetime, str, int | None, Any]]] = defaultdict(list)
    rows = rows_of(AlertEvent, alert=alerts).order_by("at", "id")
    for alert, *event in rows.values_list("alert_id", "at", "what", "staff_id", "detail__minutes"):
        found[alert].append(tuple(event))
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


def _rules(alerts: QuerySet[Alert]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for alert, fired in rows_of(Assessment, alert=alerts).values_list("alert_id", "fired"):
        found[alert].update(entry["id"] for entry in fired)
    return found


def _came(patients: QuerySet[Patient], since: datetime, now: datetime) -> QuerySet[DailyLog]:
    """Return the logs that arrived; a corrected log counts once."""
    later = joined(DailyLog).filter(supersedes=OuterRef("pk"))
    rows = rows_of(DailyLog, patient=patients).filter(received_at__gte=since, received_at__lt=now)
    return rows.filter(~Exists(later))


def _logs(patients: QuerySet[Patient], since: datetime, now: datetime) -> int:
    return _came(patients, since, now).count()


def _logs_by_week(patients: QuerySet[Patient], now: datetime, zone: ZoneInfo) -> dict[date, int]:
    weeks = _came(patients, now - TREND - timedelta(days=7), now)
    counted = weeks.values(week=TruncWeek("received_at", tzinfo=zone)).annotate(n=Count("pk")).order_by()
    return {week.date(): n for week, n in counted.values_list("week", "n")}


def _contacts(patients: QuerySet[Patient], since: datetime, now: datetime) -> list[tuple[int, int | None]]:
    rows = rows_of(PatientContact, patient=patients).filter(at__gte=since, at__lt=now)
    return list(rows.values_list("staff_id", "minutes"))
