"""Load what the RTM report counts of one month: days with data, minutes of staff, live contacts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q

from alerts.models import AlertEvent
from patients import scoping
from patients.models import Procedure, Staff
from patients.scoping import joined, rows_of
from recovery.desk.figures.outcomes_query import LocalDay
from recovery.desk.figures.rtm import Billable, Thresholds, billable, next_month
from recovery.models import DailyLog, PatientContact
from recovery.models.log import HAPPENED_AT
from recovery.settings.clinic_config import config_for

# Far more than a clinic has in a month; the page says so when it is reached.
ROWS_MOST = 2000
# Logs that staff, a text or an automatic call brought in are no data of the app.
OTHER_DOORS = ("nurse", "sms", "call")
SPOKE = "contacted"


@dataclass(frozen=True)
class RtmRow:
    """One recovery in one month. other_days: days on which a log came in another way than from the app."""

    procedure: Procedure
    found: Billable
    first_day: date | None
    other_days: int
    talked_on: date | None


@dataclass(frozen=True)
class RtmReport:
    """The rows of one month by name, the numbers that were asked for, and whether some were left out."""

    month: date
    rows: list[RtmRow]
    asked: Thresholds
    cut: bool

    @property
    def totals(self) -> dict[str, int]:
        """How often each code is supported."""
        counted: Counter[str] = Counter()
        for row in self.rows:
            counted.update(row.found.codes)
        return {code: counted[code] for code in self.asked.codes}


def rtm_report(staff: Staff, month: date, now: datetime) -> RtmReport:
    """Return the report of the month that begins on this day, by the clinic's clocks."""
    zone = ZoneInfo(staff.clinic.timezone)
    begin, end = (datetime.combine(day, time(), zone) for day in (month, next_month(month)))
    patients = scoping.for_staff(staff)
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gte=begin)
    chosen = rows_of(Procedure, patient=patients).filter(open_then, ended_at__lt=min(end, now))
    named = chosen.select_related("patient").order_by("patient__last_name", "patient__first_name", "pk")
    procedures = list(named[:ROWS_MOST])
    days = _days([procedure.pk for procedure in procedures])
    worked = _worked({procedure.patient_id for procedure in procedures}, begin, end)
    asked = thresholds(staff.clinic_id, min(end, now))
    rows = [_row(one, days[one.pk], worked[one.patient_id], month, now, asked, zone) for one in procedures]
    return RtmReport(month, rows, asked, len(procedures) == ROWS_MOST)


def thresholds(clinic_id: int, moment: datetime) -> Thresholds:
    """Return the numbers that counted at the clinic at this moment."""
    config = config_for(clinic_id, moment)
    known = {name: config[f"rtm_{name}"] for name in Thresholds.__dataclass_fields__ if f"rtm_{name}" in config}
    return Thresholds(**known)


def _row(
    procedure: Procedure,
    days: dict[date, bool],
    worked: list[tuple[datetime, str, int | None]],
    month: date,
    now: datetime,
    asked: Thresholds,
    zone: ZoneInfo,
) -> RtmRow:
    data = {day for day, by_app in days.items() if by_app}
    talks = sorted(at for at, what, _ in worked if what == SPOKE)
    minutes = sum(spent or 0 for _, _, spent in worked)
    today = now.astimezone(ZoneInfo(procedure.patient.timezone)).date()
    return RtmRow(
        procedure=procedure,
        found=billable(data, month, today, minutes=minutes, talks=len(talks), asked=asked),
        first_day=min(data, default=None),
        other_days=sum(not by_app for by_app in days.values()),
        talked_on=talks[0].astimezone(zone).date() if talks else None,
    )


def _days(procedures: list[int]) -> dict[int, dict[date, bool]]:
    """Return for each recovery its days with a log, and whether one of that day came from the app."""
    later = joined(DailyLog).filter(supersedes=OuterRef("pk"))
    rows = (
        rows_of(DailyLog, procedure=procedures)
        .filter(~Exists(later))
        .annotate(day=LocalDay(F("patient__timezone"), HAPPENED_AT))
        .values("procedure_id", "day", "answers__door")
        .order_by()
        .distinct()
    )
    found: dict[int, dict[date, bool]] = defaultdict(dict)
    for procedure, day, door in rows.values_list("procedure_id", "day", "answers__door"):
        found[procedure][day] = found[procedure].get(day, False) or door not in OTHER_DOORS
    return found


def _worked(
    patients: Iterable[int], begin: datetime, end: datetime
) -> dict[int, list[tuple[datetime, str, int | None]]]:
    """Return what staff wrote down about each patient in the month: when, what, and minutes."""
    found: dict[int, list[tuple[datetime, str, int | None]]] = defaultdict(list)
    ids = list(patients)
    events = rows_of(AlertEvent, patient=ids).filter(at__gte=begin, at__lt=end, staff__isnull=False)
    rows: list[Any] = list(events.values_list("alert__patient_id", "at", "what", "detail__minutes"))
    contacts = rows_of(PatientContact, patient=ids).filter(at__gte=begin, at__lt=end)
    for patient, at, what, spent in [*rows, *contacts.values_list("patient_id", "at", "kind", "minutes")]:
        found[patient].append((at, what, spent))
    return found
