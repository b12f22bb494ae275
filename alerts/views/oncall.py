"""/desk/oncall/: seven days of the on-call week and its gaps. Managers add shifts, others read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from alerts.clock import db_now
from alerts.lifecycle.shift_end import unread_notes
from alerts.models import OnCallChange, OnCallShift, ShiftSwap
from alerts.models.refusals import AlertError
from alerts.oncall import shifts as service
from alerts.oncall import staffing, swaps
from alerts.oncall.forms import ShiftForm, next_full_hour, on_call_people
from alerts.oncall.gaps import Span
from alerts.oncall.shifts import span_words
from alerts.oncall.week import DAYS, days_with, span_of, today_of, week
from alerts.views.top import top_of
from patients.access import StaffRequest, needs
from patients.models import Clinic, Staff
from patients.permissions import Permission, may
from patients.scoping import rows_of
from patients.selectors.people import active_staff
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.capped_lists import ALL, capped

CHANGES_SHOWN = 10
GAPS_SHOWN = 5


@dataclass(frozen=True)
class HistoryLine:
    """One change of the week on the page."""

    at: datetime
    by: str
    words: str


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ON_CALL)
def oncall(request: StaffRequest) -> HttpResponse:
    """Show the week and, to managers, a form to add shifts. An error keeps the typed text."""
    clinic, now = request.staff.clinic, db_now()
    may_edit = may(request.staff, Permission.SET_ON_CALL)
    if request.method == "POST" and not may_edit:
        raise Http404
    zone = ZoneInfo(clinic.timezone)
    form = None
    if may_edit:
        people = on_call_people(active_staff(clinic))
        first = _first_day(request.GET.get("from", ""), today_of(clinic, now))
        initial = {"starts_at": next_full_hour(now, zone, first), "weeks": 1}
        form = ShiftForm(typed_or_kept(request), clinic=clinic, now=now, people=people, initial=initial)
        if request.method == "POST" and form.is_valid() and _add(request, form, now):
            return redirect(top_of("alerts:oncall", **days_with(clinic, form.span, now)))
    return render(request, "alerts/oncall.html", {**_page(request, now), "form": form, "may_edit": may_edit})


def _add(request: StaffRequest, form: ShiftForm, now: datetime) -> bool:
    person, spans = form.cleaned_data["staff"], form.spans()
    try:
        service.add_shifts(by=request.staff, person=person, spans=spans, now=now)
    except AlertError as error:
        form.add_error("starts_at", error.text)
        return False
    times = "" if len(spans) == 1 else f", for {len(spans)} weeks"
    messages.success(request, f"{person.name} is on call: {span_words(spans[0], form.zone)}{times}.")
    return True


def _page(request: StaffRequest, now: datetime) -> dict[str, object]:
    clinic = request.staff.clinic
    zone, today = ZoneInfo(clinic.timezone), today_of(clinic, now)
    first = _first_day(request.GET.get("from", ""), today)
    found = staffing.cover(clinic.pk, now)
    return {
        "clinic": clinic,
        "days": week(clinic, first, now),
        "first": first,
        "is_now": first == today,
        "before": first - timedelta(days=DAYS),
        "after": first + timedelta(days=DAYS),
        "lines": staffing.lines(found),
        "gaps": [span_words(gap, zone) for gap in found.gaps[:GAPS_SHOWN]],
        "more_gaps": max(len(found.gaps) - GAPS_SHOWN, 0),
        "offers": _offers(request.staff, zone),
        "notes": unread_notes(request.staff),
        **_changes(clinic, zone, ALL if "changes" in request.GET else CHANGES_SHOWN),
    }


def _offers(staff: Staff, zone: ZoneInfo) -> list[dict[str, object]]:
    """The open offers to and by this person, with their times in words."""
    mine = [
        swap for swap in swaps.open_offers(staff.clinic_id) if staff.pk in (swap.to_staff_id, swap.from_staff_id)
    ]
    return [
        {
            "swap": swap,
            "to_me": swap.to_staff_id == staff.pk,
            "times": span_words(Span(swap.starts_at, swap.ends_at), zone),
        }
        for swap in mine
    ]


def _first_day(typed: str, today: date) -> date:
    """The first day on the page; today when the text is no date within two years."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return today
    return day if abs(day - today) <= timedelta(days=2 * 366) else today


def _changes(clinic: Clinic, zone: ZoneInfo, most: int) -> dict[str, object]:
    rows = rows_of(OnCallChange, clinic=clinic).select_related("staff__user").order_by("-at", "-pk")
    found = capped(rows, most)
    said = [HistoryLine(row.at, row.staff.name, _change_words(row, zone)) for row in found.rows]
    return {"changes": said, "changes_left_out": found.left_out}


def _change_words(row: OnCallChange, zone: ZoneInfo) -> str:
    """A change in words, such as: changed a shift: Nora Staff, Wed Jun 10, 7:00 PM to 11:00 PM (before: …)"""
    detail = row.detail
    words = f"{row.get_what_display()}: {detail['who']}, {_times(detail['from'], detail['to'], zone)}"
    if detail.get("weeks", 1) > 1:
        words += f", for {detail['weeks']} weeks"
    if "instead_of" in detail:
        words += f", in place of {detail['instead_of']}"
    if "was" in detail:
        words += f" (before: {detail['was']}, {_times(detail['was_from'], detail['was_to'], zone)})"
    return words


def _times(start: str, end: str, zone: ZoneInfo) -> str:
    return span_words(Span(datetime.fromisoformat(start), datetime.fromisoformat(end)), zone)


@require_POST
@needs(Permission.SET_ON_CALL)
def remove_shift(request: StaffRequest, pk: int) -> HttpResponse:
    """Remove a shift of one's own clinic."""
    rows = rows_of(OnCallShift, clinic=request.staff.clinic).select_related("staff__user", "clinic")
    shift = get_object_or_404(rows, pk=pk)
    now = db_now()
    try:
        service.remove_shift(by=request.staff, shift=shift, seen=request.POST.get("seen", ""), now=now)
    except AlertError as error:
        messages.error(request, error.text)
        return redirect("alerts:oncall_shift", pk)
    messages.success(request, "The shift is removed.")
    return redirect(top_of("alerts:oncall", **days_with(shift.clinic, span_of(shift), now)))


@require_POST
@needs(Permission.SEE_ON_CALL)
def answer_offer(request: StaffRequest, pk: int) -> HttpResponse:
    """Accept or decline a shift that a colleague offers to this person."""
    get_object_or_404(rows_of(ShiftSwap, clinic=request.staff.clinic), pk=pk)
    accepts = request.POST.get("do") == "accept"
    answer: Callable[..., object] = swaps.accept if accepts else swaps.decline
    try:
        answer(swap_pk=pk, staff=request.staff, now=db_now())
    except AlertError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, "The shift is yours now." if accepts else "You have declined the shift.")
    return redirect("alerts:oncall")
