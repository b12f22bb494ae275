"""The page that enrols a patient in under a minute and then shows the card to hand over."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs
from patients.forms.enroll import AgreementForm, PlannedForm, ZoneForm
from patients.forms.person import NOT_BORN, PersonForm
from patients.forms.procedure import PagePart, ProcedureForm
from patients.models import Patient
from patients.permissions import Permission, may
from patients.services.enrolment import enroll as enroll_patient
from patients.services.errors import NotPossible
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.dialing import warning_about

BOTH = (
    "Is it over or planned? Of a planned procedure enter nothing below: its record is filled in when it is over."
)


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ENROLL)
def enroll(request: StaffRequest) -> HttpResponse:
    """Show the form; on success the card. Errors keep what was typed and link to a patient with the same data."""
    forms = _forms(request)
    existing = None
    if request.method == "POST" and _all_right(forms):
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
    page = {**forms, "forms": list(forms.values()), "existing": existing, "parts": _parts(forms)}
    return render(request, "patients/enroll.html", page, status=status)


def _all_right(forms: dict[str, Any]) -> bool:
    """Return whether the forms are valid; of a procedure that is still to come nothing else is asked for."""
    planned, procedure = forms["planned"], forms["procedure"]
    if not planned.is_valid() or not planned.cleaned_data.get("planned_on"):
        return all_valid(forms)
    if set(procedure.changed_data) - {"job_type"}:
        planned.add_error("planned_on", BOTH)
    return all_valid({name: form for name, form in forms.items() if name != "procedure"})


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
        "planned": PlannedForm(data, today=timezone.now().astimezone(ZoneInfo(clinic.timezone)).date()),
        "zone": ZoneForm(data, initial={"timezone": clinic.timezone}),
        "agreement": AgreementForm(data),
    }


def _enroll(request: StaffRequest, forms: dict[str, Any]) -> Patient:
    planned_on = forms["planned"].cleaned_data["planned_on"]
    return enroll_patient(
        staff=request.staff,
        planned_on=planned_on,
        person={**forms["person"].cleaned_data, **forms["zone"].cleaned_data},
        procedure=None if planned_on else dict(forms["procedure"].cleaned_data),
        messages=forms["agreement"].cleaned_data["messages_agreed"],
        another_person=forms["agreement"].cleaned_data["another_person"],
        shared=forms["agreement"].cleaned_data["shared"],
        now=timezone.now(),
    )


def _parts(forms: dict[str, Any]) -> list[PagePart]:
    """Return the parts of the page, with how many fields of each are wrong."""
    wrong = {name: len(form.errors) if form.is_bound else 0 for name, form in forms.items()}
    first = [
        name for name in ("ended_at", "levels") if forms["procedure"].is_bound and forms["procedure"][name].errors
    ]
    return [
        PagePart("part-who", "Who, and how to reach them", wrong["person"]),
        PagePart("part-procedure", "Procedure", len(first) + wrong["planned"]),
        PagePart("part-agreement", "Agreement", wrong["agreement"]),
        PagePart("part-zone", "Time zone, language", wrong["zone"]),
        *forms["procedure"].parts,
    ]
