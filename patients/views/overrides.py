"""Clinic settings of one recovery: what is set, by whom, when, why; set, change, end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, patient_or_404, staff_required
from patients.forms.overrides import FORMS, OverrideForm, in_words
from patients.models import ClinicOverride, Patient, Procedure
from patients.selectors import open_procedure
from patients.services.overrides import end_override, set_override


@require_http_methods(["GET", "POST"])
@staff_required()
def overrides(request: StaffRequest, code: UUID) -> HttpResponse:
    """Every setting with its form; POST sets or ends one."""
    patient = patient_or_404(request, code, action="opened the clinic settings")
    procedure = open_procedure(patient)
    if procedure is None:
        messages.warning(request, "No recovery is watched for this patient: there is nothing to set.")
        return redirect("recovery:chart", code=code)
    posted = request.POST.get("key", "")
    if request.method == "POST" and posted not in FORMS:
        raise Http404
    form = FORMS[posted](request.POST) if posted and "end" not in request.POST else None
    if request.method == "POST" and (form is None or form.is_valid()):
        _change(request, patient, procedure, posted, form)
        return redirect("patients:overrides", code=code)
    page = {"patient": patient, "settings": _settings(procedure, form), "past": _past(procedure), "form": form}
    return render(request, "patients/overrides.html", page, status=422 if form else 200)


def _change(
    request: StaffRequest, patient: Patient, procedure: Procedure, key: str, form: OverrideForm | None
) -> None:
    who: dict[str, Any] = {"staff": request.staff, "patient": patient, "procedure": procedure, "key": key}
    if form is None:
        end_override(**who, now=timezone.now())
        messages.success(request, f"{FORMS[key].title}: back to the default.")
        return
    set_override(**who, value=form.setting(), reason=form.cleaned_data["reason"], now=timezone.now())
    messages.success(request, f"{form.title}: saved.")


def _settings(procedure: Procedure, typed: OverrideForm | None) -> list[dict[str, Any]]:
    """One entry per setting: its live row, if any, and its form."""
    rows = ClinicOverride.objects.filter(procedure=procedure, ended_at__isnull=True).select_related("staff__user")
    live = {row.key: row for row in rows}
    found = []
    for key, kind in FORMS.items():
        row = live.get(key)
        is_typed = typed is not None and typed.key == key
        form = typed if is_typed else kind(initial={"value": row.value} if row else {})
        found.append(
            {
                "key": key,
                "row": row,
                "form": form,
                "words": in_words(key, row.value) if row else "",
                "open": is_typed,
            }
        )
    return found


def _past(procedure: Procedure) -> list[dict[str, Any]]:
    rows = ClinicOverride.objects.filter(procedure=procedure, ended_at__isnull=False).select_related("staff__user")
    return [{"row": row, "words": in_words(row.key, row.value)} for row in rows.order_by("-set_at")[:50]]
