"""/desk/oncall/: who is on call in the next seven days, and when nobody is. Managers edit, others read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from alerts.coverage import Span, gaps
from alerts.forms import ShiftForm, next_full_hour
from alerts.models import OnCallShift
from patients.access import staff_required
from patients.models import Clinic, Staff

DAYS = 7


@dataclass
class Day:
    """One local day: its shifts, and the times without a nurse."""

    starts_at: datetime
    ends_at: datetime
    shifts: list[OnCallShift]
    gaps: list[Span]


@require_http_methods(["GET", "POST"])
@staff_required()
def oncall(request: Any) -> HttpResponse:
    """The list, and for managers a form to add a shift. Errors keep what was typed."""
    clinic, now = request.staff.clinic, timezone.now()
    may_edit = request.staff.role == Staff.Role.MANAGER
    if request.method == "POST" and not may_edit:
        raise Http404
    with timezone.override(ZoneInfo(clinic.timezone)):
        form = ShiftForm(request.POST or None, clinic=clinic, now=now, initial={"starts_at": next_full_hour(now)})
        if request.method == "POST" and form.is_valid():
            shift = form.save(clinic)
            messages.success(request, f"{shift.staff.name} is on call.")
            return redirect("alerts:oncall")
        page = {"days": week(clinic, now), "form": form, "may_edit": may_edit, "clinic": clinic}
        return render(request, "alerts/oncall.html", page)


@require_POST
@staff_required(Staff.Role.MANAGER)
def remove_shift(request: Any, pk: int) -> HttpResponse:
    """Take a shift of one's own clinic away."""
    deleted, _ = OnCallShift.objects.filter(pk=pk, clinic=request.staff.clinic).delete()
    if not deleted:
        raise Http404
    messages.success(request, "The shift is removed.")
    return redirect("alerts:oncall")


def week(clinic: Clinic, now: datetime) -> list[Day]:
    """Today and the six days after it, by the clinic's clocks; a day may have 23 or 25 hours."""
    zone = ZoneInfo(clinic.timezone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    starts = [today + timedelta(days=n) for n in range(DAYS + 1)]
    shifts = list(
        OnCallShift.objects.filter(clinic=clinic, starts_at__lt=starts[-1], ends_at__gt=now)
        .select_related("staff__user")
        .order_by("starts_at", "id")
    )
    return [_day(max(start, now), end, shifts) for start, end in zip(starts, starts[1:], strict=False)]


def _day(start: datetime, end: datetime, shifts: list[OnCallShift]) -> Day:
    here = [shift for shift in shifts if shift.starts_at < end and shift.ends_at > start]
    active = [shift for shift in here if shift.role == Staff.Role.NURSE and shift.staff.active]
    covered = [Span(shift.starts_at, shift.ends_at) for shift in active]
    return Day(start, end, here, gaps(covered, start, end))
