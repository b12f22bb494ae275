"""Helpers of a patient: the clinic's page and the patient's own, with the same form."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, StaffRequest, patient_or_404, patient_required, staff_required
from patients.forms.helpers import HelperForm
from patients.models import Patient, User
from patients.selectors import live_helpers
from patients.services.errors import NotPossible
from patients.services.helpers import add_helper, remove_helper


@require_http_methods(["GET", "POST"])
@staff_required()
def caregivers(request: StaffRequest, code: UUID) -> HttpResponse:
    """The clinic adds or removes a helper for the patient."""
    patient = patient_or_404(request, code, action="opened the helpers")
    return _helpers(request, patient, "patients/caregivers.html")


@require_http_methods(["GET", "POST"])
@patient_required
def my_helpers(request: PatientRequest) -> HttpResponse:
    """The patient does it; a helper who acts for them may not."""
    if request.helper is not None:
        raise Http404
    return _helpers(request, request.patient, "patients/my_helpers.html")


def _helpers(request: Any, patient: Patient, template: str) -> HttpResponse:
    now = timezone.now()
    remove = request.POST.get("remove", "")
    form = HelperForm(request.POST if request.method == "POST" and not remove else None, zone=patient.timezone)
    if remove.isdigit() and remove_helper(patient=patient, actor=request.user, pk=int(remove), now=now):
        messages.success(request, "This helper is removed.")
    if remove:
        return redirect(request.path)
    if form.is_valid() and _add(request, patient, form, request.user):
        return redirect(request.path)
    page = {"patient": patient, "helpers": live_helpers(patient.pk, now), "form": form}
    return render(request, template, page, status=422 if form.is_bound else 200)


def _add(request: HttpRequest, patient: Patient, form: HelperForm, actor: User) -> bool:
    try:
        add_helper(patient=patient, actor=actor, now=timezone.now(), **form.rights())
    except NotPossible as error:
        form.add_error(error.field or None, error.text)
        return False
    first_name, address = form.cleaned_data["first_name"], form.cleaned_data["address"]
    messages.success(request, f"{first_name} can sign in with {address} now.")
    return True
