"""/desk/oncall/hand-over/: hand over at the end of a shift, and read the notes left by colleagues."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from alerts.clock import db_now
from alerts.lifecycle.shift_end import end_shift, held_by, mark_read, unread_notes
from alerts.messaging.contact_methods import SCREEN_ALONE, working_kinds
from alerts.models import HandOverNote, OnCallShift
from alerts.models.refusals import AlertError
from alerts.oncall.forms import ShiftEndForm, on_call_people
from patients.access import StaffRequest, needs, record_each
from patients.models import Staff
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.selectors.people import active_staff
from patients.sign_in.kept_forms import keeps_form, typed_or_kept


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ON_CALL)
def end_of_shift(request: StaffRequest) -> HttpResponse:
    """Show the alerts this person holds and a note, with one button for both. An error keeps the typed text."""
    staff, now = request.staff, db_now()
    held = held_by(staff)
    people = [person for person in on_call_people(active_staff(staff.clinic)) if person.pk != staff.pk]
    initial = {"to": _next_person(staff, now), "with_alerts": bool(held)}
    form = ShiftEndForm(typed_or_kept(request), people=people, initial=initial)
    if request.method == "POST" and form.is_valid() and _hand_over(request, form, now):
        return redirect("alerts:oncall")
    page: dict[str, Any] = {
        "form": form,
        "held": held,
        "notes": unread_notes(staff),
        "zone": staff.clinic.timezone,
    }
    return render(request, "alerts/shift_end.html", page)


def _hand_over(request: StaffRequest, form: ShiftEndForm, now: datetime) -> bool:
    data = form.cleaned_data
    try:
        ended = end_shift(
            staff=request.staff,
            to_staff=form.colleague,
            text=data["text"].strip(),
            with_alerts=data["with_alerts"],
            now=now,
        )
    except AlertError as error:
        form.add_error(None, error.text)
        return False
    note = ended.note
    record_each(request, ended.patients, action="handed the alert over")
    given = {0: "", 1: " and 1 alert"}.get(note.alerts, f" and {note.alerts} alerts")
    messages.success(request, f"{note.to.name} has your {'note' if note.text else 'hand-over'}{given}.")
    if not working_kinds(form.colleague.user):
        messages.warning(request, SCREEN_ALONE)
    return True


def _next_person(staff: Staff, now: datetime) -> int | None:
    """The id of the colleague of the same role who is on call now or next; None without one."""
    rows = rows_of(OnCallShift, clinic=staff.clinic_id)
    rows = rows.filter(role=staff.role, ends_at__gt=now, staff__active=True)
    return rows.exclude(staff=staff).order_by("starts_at").values_list("staff_id", flat=True).first()


@require_POST
@needs(Permission.SEE_ON_CALL)
def note_read(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark a hand-over note to this person as read."""
    get_object_or_404(rows_of(HandOverNote, clinic=request.staff.clinic), pk=pk)
    try:
        mark_read(pk=pk, staff=request.staff, now=db_now())
    except AlertError as error:
        messages.error(request, error.text)
    return redirect("alerts:oncall")
