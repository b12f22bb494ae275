"""The page that enrols a patient in under a minute and then shows the card to hand over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs
from patients.forms.enroll import AgreementForm, ZoneForm
from patients.forms.person import PersonForm
from patients.forms.procedure import ProcedureForm
from patients.models import Patient
from patients.permissions import Permission, may
from patients.services.enrolment import enroll as enroll_patient
from patients.services.errors import NotPossible
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.dialing import warning_about

NOT_BORN = "This is not before the procedure. Check both dates."


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ENROLL)
def enroll(request: StaffRequest) -> HttpResponse:
    """Show the form; on success the card. Errors keep what was typed and link to a patient with the same data."""
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
            warn_of_number(request, forms["person"].cleaned_data["phone"])
            return redirect("patients:card", code=patient.code)
    status = 422 if request.method == "POST" else 200
    # A kept form is shown with all its fields.
    more_open = _more_open(forms) or (request.method == "GET" and forms["procedure"].is_bound)
    page = {**forms, "forms": list(forms.values()), "existing": existing, "more_open": more_open}
    return render(request, "patients/enroll.html", page, status=status)


def all_valid(forms: dict[str, Any]) -> bool:
    """Return whether all forms are valid; checks every one, so that all errors show at once."""
    wrong = [form for form in forms.values() if not form.is_valid()]
    return not wrong and _born_before(forms)


def _born_before(forms: dict[str, Any]) -> bool:
    """Return whether the birth date is before the procedure, and add an error if not."""
    if "procedure" not in forms:
        return True
    born, ended = forms["person"].cleaned_data["birth_date"], forms["procedure"].cleaned_data["ended_at"]
    if born < ended.date():
        return True
    forms["person"].add_error("birth_date", NOT_BORN)
    return False


def warn_of_number(request: HttpRequest, number: Any) -> None:
    """Show a warning about a number whose area code is not in our list; the number is still saved."""
    if warning := warning_about(number):
        messages.warning(request, warning)


def _forms(request: StaffRequest) -> dict[str, Any]:
    data, clinic = typed_or_kept(request), request.staff.clinic
    may_lift = may(request.staff, Permission.LIFT_LIMITS)
    return {
        "person": PersonForm(data),
        "procedure": ProcedureForm(data, clinic=clinic, now=timezone.now(), may_lift=may_lift),
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
        shared=forms["agreement"].cleaned_data["shared"],
        now=timezone.now(),
    )


def _more_open(forms: dict[str, Any]) -> bool:
    """Return whether “More” must be open, because there is an error behind it."""
    return bool(set(forms["procedure"].errors) - {"ended_at", "levels"} or forms["zone"].errors)
