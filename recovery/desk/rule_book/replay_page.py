"""The replay page: the clinic's logs judged again under changed numbers. Only the access log is written."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients import scoping
from patients.access import StaffRequest, needs, not_too_often, record_each
from patients.permissions import Permission
from patients.tiers import RANK
from recovery.desk.rule_book.replay_form import MOST_DAYS, ReplayForm
from recovery.replay import Report, logs_received, read_only, replay
from recovery.triage.replay import change
from recovery.triage.rulebook import load_rulebook

# Measured: 5,000 logs are judged again in about a second; a page has to answer in five.
MOST_LOGS = 5_000
SHOWN = 50


@require_safe
@needs(Permission.TRY_RULES)
@not_too_often("export")
def rules_replay(request: StaffRequest) -> HttpResponse:
    """Show the form, and with a valid query the report. The access log records each patient who is named."""
    clinic = request.staff.clinic
    zone = ZoneInfo(clinic.timezone)
    form = ReplayForm(
        request.GET if "first" in request.GET else None, today=timezone.now().astimezone(zone).date()
    )
    page: dict[str, Any] = {"form": form, "most_days": MOST_DAYS, "most_logs": MOST_LOGS}
    if form.is_bound and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        report = _report(request, _midnight(first, zone), _midnight(last + timedelta(days=1), zone), form.config())
        page["load"] = [report.per_nurse_and_day(report.alerts[way]) for way in ("added", "removed")]
        page["not_judged"] = list(report.not_judged.items())
        page |= {"report": report, "rows": _rows(request, report), "tiers": _tiers(report)}
        page |= {"config": json.dumps(form.config()), "first": first, "last": last, "clinic_code": clinic.code}
    return render(request, "recovery/desk/replay.html", page, status=422 if form.errors else 200)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


def _report(request: StaffRequest, start: datetime, end: datetime, config: dict[str, Any]) -> Report:
    clinic, book = request.staff.clinic, load_rulebook()
    with read_only():
        newest = logs_received(start, end, clinic).order_by("-received_at", "-id")
        days = (end - start) / timedelta(days=1)
        return replay(newest, change(book, book, config), days=days, keep=SHOWN, clinic=clinic, most=MOST_LOGS)


def _rows(request: StaffRequest, report: Report) -> list[dict[str, Any]]:
    """Return the shown differences with their patients, of this clinic only; record each patient once."""
    codes = {found.patient for found in report.differences}
    people = {str(patient.code): patient for patient in scoping.for_staff(request.staff).filter(code__in=codes)}
    record_each(request, people.values(), action="tried other settings")
    zone = ZoneInfo(request.staff.clinic.timezone)
    return [
        {"patient": people[found.patient], "found": found, "at": found.at.astimezone(zone)}
        for found in report.differences
        if found.patient in people
    ]


def _tiers(report: Report) -> list[tuple[str, str, int]]:
    found = [(before, after, logs) for (before, after), logs in report.tiers.items()]
    return sorted(found, key=lambda row: (-RANK[row[1]], -RANK[row[0]]))
