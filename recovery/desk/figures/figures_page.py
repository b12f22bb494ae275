"""The figures page of one clinic: patients first, then alerts; also as CSV and as a workbook."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import StaffRequest, needs, not_too_often
from patients.models.procedure import LEVELS
from patients.permissions import Permission
from patients.trail import What, note
from recovery.desk.figures.alert_panels import alert_panels
from recovery.desk.figures.figures_lines import HEAD, lines
from recovery.desk.figures.figures_query import ClinicFigures, clinic_figures
from recovery.desk.figures.filters import PERIODS, Choice, chosen
from recovery.desk.figures.number import Numbers
from recovery.desk.figures.outcomes import Outcomes, outcomes
from recovery.desk.figures.outcomes_query import recoveries, reduced_by_the_rules
from recovery.desk.figures.patient_panels import patient_panels
from recovery.desk.files import csv_file, xlsx_file


@require_safe
@needs(Permission.SEE_FIGURES)
def figures(request: StaffRequest) -> HttpResponse:
    """Show the figures page."""
    now = timezone.now()
    choice = chosen(request.staff, request.GET)
    numbers = Numbers(choice)
    found, earlier, reduced, cut = _outcomes(request, choice, now)
    alerts = clinic_figures(request.staff, choice, now)
    page = {
        "choice": choice,
        "periods": PERIODS,
        "levels": LEVELS,
        "since": now - timedelta(days=choice.days),
        "now": now,
        "zone": request.staff.clinic.timezone,
        "found": alerts.figures,
        "cut": cut or alerts.cut,
        "people": alerts.now,
        "contacts": alerts.contacts,
        "patients": patient_panels(found, earlier, reduced, numbers),
        "alerts": alert_panels(alerts, numbers, request.staff),
    }
    return render(request, "recovery/desk/figures/figures.html", page)


def _outcomes(request: StaffRequest, choice: Choice, now: datetime) -> tuple[Outcomes, Outcomes, Any, bool]:
    """Return the patients' figures of the period and of the one before it, the rule book's line, and "cut off"."""
    reduced = reduced_by_the_rules(request.staff.clinic_id, now)
    rows, cut = recoveries(request.staff, choice, 2 * choice.days, now)
    earlier = outcomes(rows, choice.days, reduced, ago=choice.days)
    return outcomes(rows, choice.days, reduced), earlier, reduced, cut


def _lines(request: StaffRequest) -> tuple[Choice, list[list[object]]]:
    now = timezone.now()
    choice = chosen(request.staff, request.GET)
    found, *_ = _outcomes(request, choice, now)
    alerts: ClinicFigures = clinic_figures(request.staff, choice, now)
    note(
        What.EXPORT,
        request,
        user=request.user,
        clinic=request.staff.clinic,
        detail=f"figures of {choice.days} days",
    )
    return choice, list(lines(found, alerts, choice, now))


@require_safe
@needs(Permission.SEE_FIGURES)
@not_too_often("export")
def figures_csv(request: StaffRequest) -> HttpResponse:
    """Return the same numbers as CSV: measure, of what, value, n, unit, source."""
    choice, rows = _lines(request)
    return csv_file(f"figures-{choice.days}-days", HEAD, rows)


@require_safe
@needs(Permission.SEE_FIGURES)
@not_too_often("export")
def figures_xlsx(request: StaffRequest) -> HttpResponse:
    """Return the same numbers as a workbook."""
    choice, rows = _lines(request)
    return xlsx_file(f"figures-{choice.days}-days", "Figures", HEAD, rows)
