"""The RTM report of one month, which a biller checks; also as CSV and as a workbook."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import StaffRequest, needs, not_too_often, record_each
from patients.permissions import Permission
from patients.trail import What, note
from recovery.desk.figures.rtm import Supply
from recovery.desk.figures.rtm_query import RtmReport, RtmRow, rtm_report
from recovery.desk.files import csv_file, xlsx_file

MONTHS = 13
# What the law asks of the codes; said on the page and in every file.
CAUTION = (
    "A suggestion to check, not a bill. These codes need a device as the FDA defines it (section 201(h), Food,"
    " Drug and Cosmetic Act): whoever answers for compliance says whether what you use is one. The payer decides"
    " what is paid, and may ask for more."
)
SOURCE = (
    "Rules of 2026: CMS, physician fee schedule final rule for 2026; therapy code update CR 14250 (MLN Matters"
    " MM14250). CPT codes are of the American Medical Association."
)
HEAD = (
    "patient",
    "record number",
    "born",
    "procedure",
    "first day with data",
    "days with data in 30",
    "minutes in the month",
    "live contacts in the month",
    "first live contact",
    "98975",
    "98985",
    "98977",
    "98979",
    "98980",
    "98981",
    "not reached",
)


@require_safe
@needs(Permission.SEE_RTM)
def rtm(request: StaffRequest) -> HttpResponse:
    """Show the report of the chosen month, of the present one by default."""
    now = timezone.now()
    month, months = _month(request)
    report = rtm_report(request.staff, month, now)
    _record(request, report)
    page = {
        "report": report,
        "rows": [(row, periods_words(row.found.supplies)) for row in report.rows],
        "totals": [(code, report.asked.codes[code], count) for code, count in report.totals.items()],
        "months": months,
        "caution": CAUTION,
        "source": SOURCE,
        "running": month == months[0],
    }
    return render(request, "recovery/desk/figures/rtm.html", page)


@require_safe
@needs(Permission.SEE_RTM)
@not_too_often("export")
def rtm_csv(request: StaffRequest) -> HttpResponse:
    """Return the report as CSV."""
    report = _exported(request)
    return csv_file(_name(report), HEAD, _lines(report))


@require_safe
@needs(Permission.SEE_RTM)
@not_too_often("export")
def rtm_xlsx(request: StaffRequest) -> HttpResponse:
    """Return the report as a workbook."""
    report = _exported(request)
    return xlsx_file(_name(report), "RTM", HEAD, _lines(report))


def _exported(request: StaffRequest) -> RtmReport:
    month, _ = _month(request)
    report = rtm_report(request.staff, month, timezone.now())
    _record(request, report)
    clinic = request.staff.clinic
    note(What.EXPORT, request, user=request.user, clinic=clinic, detail=f"RTM report of {month:%Y-%m}")
    return report


def _record(request: StaffRequest, report: RtmReport) -> None:
    people = {row.procedure.patient_id: row.procedure.patient for row in report.rows}
    record_each(request, people.values(), action="opened the RTM report", subject=f"{report.month:%Y-%m}")


def _month(request: StaffRequest) -> tuple[date, list[date]]:
    """Return the chosen month, the present one for any other value, and those to choose from, newest first."""
    today = timezone.now().astimezone(ZoneInfo(request.staff.clinic.timezone)).date()
    index = today.year * 12 + today.month - 1
    months = [date((index - n) // 12, (index - n) % 12 + 1, 1) for n in range(MONTHS)]
    wanted = request.GET.get("month", "")
    return next((month for month in months if f"{month:%Y-%m}" == wanted), months[0]), months


def _name(report: RtmReport) -> str:
    return f"rtm-{report.month:%Y-%m}"


def periods_words(supplies: tuple[Supply, ...]) -> list[str]:
    """Return each period of 30 days in words: 18 days, Mar 5 to Apr 3."""
    return [
        f"{one.days} day{'' if one.days == 1 else 's'}, {_day(one.first)} to {_day(one.last)}"
        f"{'' if one.over else ' (still runs)'}"
        for one in supplies
    ]


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"


def _lines(report: RtmReport) -> Iterator[list[object]]:
    for row in report.rows:
        yield _line(row, report)
    yield [CAUTION]
    yield [SOURCE]


def _line(row: RtmRow, report: RtmReport) -> list[object]:
    patient, found = row.procedure.patient, row.found
    zone = ZoneInfo(patient.timezone)
    known: list[Any] = [patient.birth_date, row.procedure.ended_at.astimezone(zone).date(), row.first_day]
    return [
        patient.name,
        patient.mrn or "",
        *(day.isoformat() if day else "" for day in known),
        "; ".join(periods_words(found.supplies)),
        found.minutes,
        found.talks,
        row.talked_on.isoformat() if row.talked_on else "",
        *(found.codes.get(code, 0) for code in report.asked.codes),
        "; ".join(found.missing),
    ]
