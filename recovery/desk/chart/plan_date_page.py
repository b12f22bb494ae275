"""Set a day of the plan: sent from the chart; this page shows the form alone, with its mistakes."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.lifecycle import AlertError
from patients.access import StaffRequest, needs, patient_or_404
from patients.models import Patient, Procedure
from patients.permissions import Permission
from patients.selectors.people import open_procedure
from patients.services.errors import NotPossible
from patients.services.records import ChangedMeanwhile, newest_change
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.row_numbers import row_number
from recovery.desk.chart.plan_date_forms import FORMS, PlanDateForm
from recovery.desk.chart.plan_date_rows import applies
from recovery.journey.plan_dates import BRACE, in_words, set_day

NOT_HERE = "There is no such day to set for this patient any more. Look at the plan."
FOLLOWS = "The plan follows; what the patient was told too early is taken back."
LOOK = "Nothing of yours is saved. Look at what is set now, and press again if yours still holds."


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_PLAN)
def plan_date(request: StaffRequest, code: UUID, key: str) -> HttpResponse:
    """Show one form, or save it and go back to the plan on the chart."""
    if key not in FORMS:
        raise Http404
    newest = newest_change(code)
    patient = patient_or_404(request, code, action="opened a day of the plan", subject=key)
    procedure, typed, now = open_procedure(patient), typed_or_kept(request), db_now()
    back = reverse("recovery:chart", args=[code])
    if procedure is None or not applies(FORMS[key], procedure):
        messages.warning(request, NOT_HERE)
        return redirect(back)
    form = FORMS[key](typed, procedure=procedure, zone=ZoneInfo(request.staff.clinic.timezone), now=now)
    knew = row_number(typed.get("seen", "")) if typed is not None else None
    if request.method == "POST" and form.is_valid() and _saved(request, patient, procedure, form, knew, now):
        messages.success(request, f"{form.title}: saved.{'' if key == BRACE else f' {FOLLOWS}'}")
        return redirect(back)
    page: dict[str, Any] = {
        "patient": patient,
        "age": patient.age_on(now.date()),
        "zone": request.staff.clinic.timezone,
        "form": form,
        "words": in_words(key, {name: getattr(procedure, name, None) for name in form.fields}, form.zone),
        # After a refusal the page shows that something changed, so the next press knows it.
        "seen": newest if knew is None or request.method == "POST" else knew,
    }
    return render(request, "recovery/desk/plan_date.html", page, status=422 if request.method == "POST" else 200)


def _saved(
    request: StaffRequest,
    patient: Patient,
    procedure: Procedure,
    form: PlanDateForm,
    seen: int | None,
    now: datetime,
) -> bool:
    """Save the day; returns False, with an error on the form, when that is not possible."""
    try:
        set_day(
            staff=request.staff,
            patient=patient,
            procedure=procedure,
            about=form.key,
            record=form.record,
            fields=form.written,
            reason=form.cleaned_data["reason"],
            now=now,
            seen=seen,
        )
    except ChangedMeanwhile as error:
        form.add_error(None, f"{error.text} {LOOK}")
        return False
    except (NotPossible, AlertError) as error:
        form.add_error(None, error.text)
        return False
    return True
