"""The page for a recovery's overrides: shows who set each, when and why, and sets, changes or ends them."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs, patient_or_404
from patients.forms.override_values import Bounds
from patients.forms.overrides import FORMS, OverrideForm, in_words
from patients.models import ClinicOverride, Patient, Procedure
from patients.permissions import Permission, may
from patients.scoping import rows_of
from patients.selectors.people import open_procedure
from patients.services.errors import NotPossible
from patients.services.overrides import end_override, set_override
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.capped_lists import ALL, capped
from patients.values.row_numbers import row_number

HISTORY_MOST = 50


@keeps_form("end")
@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_PLAN)
def overrides(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show every kind of override with its form; POST sets or ends one."""
    patient = patient_or_404(request, code, action="opened the clinic settings")
    procedure = open_procedure(patient)
    if procedure is None:
        messages.warning(request, "No recovery is watched for this patient: there is nothing to set.")
        return redirect("recovery:chart", code=code)
    typed = typed_or_kept(request)
    posted = typed.get("key", "") if typed is not None else ""
    if request.method == "POST" and posted not in FORMS:
        raise Http404
    now = timezone.now()
    bounds = Bounds(procedure, ZoneInfo(patient.timezone), now)
    if "end" in request.POST:
        _end(request, patient, procedure, posted)
        return redirect("patients:overrides", code=code)
    form = FORMS[posted](typed, bounds=bounds, initial={}) if posted in FORMS else None
    if request.method == "POST" and form and form.is_valid() and _set(request, patient, procedure, form, now):
        from_chart = request.POST.get("back") == "chart"
        return redirect("recovery:chart" if from_chart else "patients:overrides", code=code)
    page = {
        "patient": patient,
        "settings": _settings(request, bounds, form),
        **_past(procedure, ALL if "past" in request.GET else HISTORY_MOST),
        "form": form,
        "zone": request.staff.clinic.timezone,
    }
    return render(request, "patients/overrides.html", page, status=422 if request.method == "POST" else 200)


def _end(request: StaffRequest, patient: Patient, procedure: Procedure, key: str) -> None:
    now, seen = timezone.now(), row_number(request.POST.get("seen", ""))
    try:
        end_override(staff=request.staff, patient=patient, procedure=procedure, key=key, now=now, seen=seen)
    except NotPossible as error:
        messages.error(request, f"{FORMS[key].title}: {error.text}")
        return
    messages.success(request, f"{FORMS[key].title}: ended. The plan’s own rule counts again.")


def _set(request: StaffRequest, patient: Patient, procedure: Procedure, form: OverrideForm, now: datetime) -> bool:
    """Set the override; returns False, with an error on the form, when that is not possible."""
    try:
        set_override(
            staff=request.staff,
            patient=patient,
            procedure=procedure,
            key=form.key,
            value=form.setting(),
            reason=form.why(),
            now=now,
            seen=row_number(request.POST.get("seen", "")),
        )
    except NotPossible as error:
        form.add_error(None, error.text)
        return False
    messages.success(request, f"{form.title}: saved.")
    return True


def _settings(request: StaffRequest, bounds: Bounds, typed: OverrideForm | None) -> list[dict[str, Any]]:
    """Return an entry for each kind of override, with its live row, if any, and its form."""
    rows = rows_of(ClinicOverride, procedure=bounds.procedure).filter(ended_at__isnull=True)
    live = {row.key: row for row in rows.select_related("staff__user")}
    found = []
    for key, kind in FORMS.items():
        row = live.get(key)
        is_typed = typed is not None and typed.key == key
        form = typed if is_typed else kind(bounds=bounds, initial={"value": row.value} if row else {})
        found.append(
            {
                "key": key,
                "row": row,
                "form": form,
                "words": in_words(key, row.value) if row else "",
                "open": is_typed,
                "may": not kind.clearance or may(request.staff, Permission.LIFT_LIMITS),
            }
        )
    return found


def _past(procedure: Procedure, most: int) -> dict[str, Any]:
    rows = (
        rows_of(ClinicOverride, procedure=procedure).filter(ended_at__isnull=False).select_related("staff__user")
    )
    found = capped(rows.order_by("-ended_at", "-pk"), most)
    past = [
        {"row": row, "title": FORMS[row.key].title, "words": in_words(row.key, row.value)} for row in found.rows
    ]
    return {"past": past, "past_left_out": found.left_out}
