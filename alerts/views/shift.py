"""/desk/oncall/<shift>/: change or remove a shift, give a colleague a part of it, or offer it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.models import OnCallShift, ShiftSwap
from alerts.models.refusals import AlertError
from alerts.oncall import shifts as service
from alerts.oncall import swaps
from alerts.oncall.forms import ColleagueForm, SpanForm, on_call_people
from alerts.oncall.shifts import span_words
from alerts.oncall.week import days_with, span_of
from alerts.views.top import top_of
from patients.access import StaffRequest, needs
from patients.models import Staff
from patients.permissions import Permission, may
from patients.scoping import rows_of
from patients.selectors.people import active_staff
from patients.sign_in.kept_forms import keeps_form, typed_or_kept

Typed = QueryDict | None


@dataclass(frozen=True)
class Action:
    """One form of the page: its title, its button, and what a valid form does."""

    name: str
    title: str
    button: str
    form: Any
    do: Callable[[], object]
    done: str
    help: str = ""


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_ON_CALL)
def shift_page(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what this person may do with the shift, and do it. An error keeps the typed text."""
    rows = rows_of(OnCallShift, clinic=request.staff.clinic)
    rows = rows.select_related("clinic", "staff__user", "replaces__staff__user")
    shift = get_object_or_404(rows, pk=pk)
    now, zone = db_now(), ZoneInfo(request.staff.clinic.timezone)
    typed = typed_or_kept(request)
    actions = _actions(request, shift, typed, now)
    # The typed text started from the version that the page showed; an error shows the newest version.
    version = service.version_of(shift)
    seen = typed.get("seen", version) if typed is not None else version
    if request.method == "POST":
        action = next((one for one in actions if one.name == request.POST.get("do")), None)
        if action is None:
            raise Http404
        if action.form.is_valid():
            if _try(action):
                messages.success(request, action.done)
                return redirect(top_of("alerts:oncall", **_days(request, action.form, shift, now)))
            seen = version
    page = {
        "shift": shift,
        "times": span_words(span_of(shift), zone),
        "parts": [(part.staff.name, span_words(span_of(part), zone)) for part in _parts(shift)],
        "actions": actions,
        "version": version,
        "seen": seen,
        "may_remove": may(request.staff, Permission.SET_ON_CALL),
        "is_over": shift.ends_at <= now,
        "days": urlencode(days_with(request.staff.clinic, span_of(shift), now)),
    }
    return render(request, "alerts/shift.html", page)


def _days(request: StaffRequest, form: Any, shift: OnCallShift, now: datetime) -> dict[str, str]:
    """The query of the week that shows the change."""
    span = form.span if isinstance(form, SpanForm) else span_of(shift)
    return days_with(request.staff.clinic, span, now)


def _parts(shift: OnCallShift) -> list[OnCallShift]:
    return list(shift.overrides.select_related("staff__user").order_by("starts_at"))


def _try(action: Action) -> bool:
    try:
        action.do()
    except AlertError as error:
        action.form.add_error(None, error.text)
        return False
    return True


def _actions(request: StaffRequest, shift: OnCallShift, typed: Typed, now: datetime) -> list[Action]:
    """The forms for this person, none for a shift that is over.

    Managers may do all. Others may take a part of a shift of their own role, and offer their own shifts.
    """
    staff, manager = request.staff, may(request.staff, Permission.SET_ON_CALL)
    if shift.ends_at <= now:
        return []
    people = on_call_people(active_staff(staff.clinic))
    colleagues = [person for person in people if person.role == shift.role and person.pk != shift.staff_id]
    actions = []
    if manager:
        # A part of a shift, and a shift with parts, must keep its role.
        stays = bool(shift.replaces_id) or shift.overrides.exists()
        able = [one for one in people if one.role == shift.role or not stays]
        actions.append(_change(request, shift, typed, able, now))
    takers = colleagues if manager else [person for person in colleagues if person.pk == staff.pk]
    if takers and shift.replaces_id is None:
        actions.append(_take_part(request, shift, typed, takers, now))
    if shift.staff_id == staff.pk:
        actions.append(_offer(request, shift, typed, colleagues, now))
    return actions


def _data(typed: Typed, name: str) -> Typed:
    return typed if typed is not None and typed.get("do") == name else None


def _span_form(
    typed: Typed, name: str, shift: OnCallShift, people: list[Staff], now: datetime, **initial: Any
) -> SpanForm:
    return SpanForm(
        _data(typed, name),
        prefix=name,
        clinic=shift.clinic,
        now=now,
        people=people,
        besides=shift.pk,
        initial={"starts_at": shift.starts_at, "ends_at": shift.ends_at, **initial},
    )


def _change(request: StaffRequest, shift: OnCallShift, typed: Typed, people: list[Staff], now: datetime) -> Action:
    form = _span_form(typed, "change", shift, people, now, staff=shift.staff_id)

    def do() -> None:
        person = form.cleaned_data["staff"]
        seen = request.POST.get("seen", "")
        service.change_shift(by=request.staff, shift=shift, person=person, span=form.span, seen=seen, now=now)

    return Action("change", "Change this shift", "Save the shift", form, do, "The shift is changed.")


def _take_part(
    request: StaffRequest, shift: OnCallShift, typed: Typed, takers: list[Staff], now: datetime
) -> Action:
    only = takers[0].pk if len(takers) == 1 else None
    form = _span_form(typed, "part", shift, takers, now, staff=only)

    def do() -> None:
        person = form.cleaned_data["staff"]
        service.take_part(by=request.staff, shift=shift, person=person, span=form.span, now=now)

    words = f"In this time they are told instead of {shift.staff.name}. The shift itself stays."
    return Action("part", "Put somebody in for a part", "Save this part", form, do, "The part is saved.", words)


def _offer(
    request: StaffRequest, shift: OnCallShift, typed: Typed, colleagues: list[Staff], now: datetime
) -> Action:
    offered = rows_of(ShiftSwap, clinic=shift.clinic_id).filter(shift=shift, state=ShiftSwap.State.OFFERED)
    if swap := offered.select_related("to_staff__user").first():
        words = f"You have offered this shift to {swap.to_staff.name}. You keep it until they accept."
        back = forms.Form(_data(typed, "take_back"))
        return Action(
            "take_back",
            "Your offer",
            "Take the offer back",
            back,
            lambda: swaps.take_back(shift=shift, staff=request.staff, now=now),
            "The offer is taken back. The shift stays yours.",
            words,
        )
    form = ColleagueForm(_data(typed, "offer"), prefix="offer", people=colleagues)
    return Action(
        "offer",
        "Offer it to a colleague",
        "Offer this shift",
        form,
        lambda: swaps.offer(shift=shift, by=request.staff, to_staff=form.colleague, now=now),
        "Offered. The shift is yours until your colleague accepts.",
        "They get a message. Nothing changes until they accept.",
    )
