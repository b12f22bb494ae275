"""Take a patient in, in under a minute; then the card to hand over."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, staff_required
from patients.forms.enroll import AgreementForm, ZoneForm
from patients.forms.person import PersonForm
from patients.forms.procedure import ProcedureForm
from patients.kept_forms import keeps_form, typed_or_kept
from patients.models import Patient
from patients.services.enrolment import enroll as enroll_patient
from patients.services.errors import NotPossible


@keeps_form()
@require_http_methods(["GET", "POST"])
@staff_required()
def enroll(request: StaffRequest) -> HttpResponse:
    """The form; on success the card. Errors keep what was typed and link to the patient already there."""
    forms = _forms(request)
    existing = None
    if request.method == "POST" and all_valid(forms):
        try:
            patient = _enroll(request, forms)
        except NotPossible as error:
            forms["person"].add_error(error.field or None, error.text)
            existing = error.patient
        else:
            messages.success(request, f"{patient.name} is enrolled. Print the card and hand it over.")
            return redirect("patients:card", code=patient.code)
    status = 422 if request.method == "POST" else 200
    # What was kept is shown whole.
    more_open = _more_open(forms) or (request.method == "GET" and forms["procedure"].is_bound)
    page = {**forms, "forms": list(forms.values()), "existing": existing, "more_open": more_open}
    return render(request, "patients/enroll.html", page, status=status)


def all_valid(forms: dict[str, Any]) -> bool:
    """Every form is asked, so that every error shows at once."""
    return not [form for form in forms.values() if not form.is_valid()]


def _forms(request: StaffRequest) -> dict[str, Any]:
    data, clinic = typed_or_kept(request), request.staff.clinic
    return {
        "person": PersonForm(data),
        "procedure": ProcedureForm(data, clinic=clinic, now=timezone.now()),
        "zone": ZoneForm(data, initial={"timezone": clinic.timezone}),
        "agreement": AgreementForm(data),
    }


def _enroll(request: StaffRequest, forms: dict[str, Any]) -> Patient:
    return enroll_patient(
        staff=request.staff,
        person={**forms["person"].cleaned_data, **forms["zone"].cleaned_data},
        procedure=dict(forms["procedure"].cleaned_data),
        messages=forms["agreement"].cleaned_data["messages_agreed"],
        another_person=forms["agreement"].cleaned_data["another_person"],
        now=timezone.now(),
    )


def _more_open(forms: dict[str, Any]) -> bool:
    """An error behind “More” must be seen."""
    return bool(set(forms["procedure"].errors) - {"ended_at", "levels"} or forms["zone"].errors)
