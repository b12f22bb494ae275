"""Correct everything the clinic knows of a patient; close a recovery; start a new one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, patient_or_404, staff_required
from patients.forms.enroll import AgreementForm, ZoneForm
from patients.forms.person import PersonForm
from patients.forms.procedure import ProcedureForm
from patients.models import Patient, Procedure
from patients.selectors import open_procedure
from patients.services.errors import NotPossible
from patients.services.records import close_recovery, save_record, start_recovery
from patients.views.enroll import all_valid


@require_http_methods(["GET", "POST"])
@staff_required()
def record(request: StaffRequest, code: UUID) -> HttpResponse:
    """All fields. Errors keep what was typed."""
    patient = patient_or_404(request, code, action="opened the record")
    procedure = open_procedure(patient)
    forms = _forms(request, patient, procedure)
    existing = None
    if request.method == "POST" and "close" in request.POST and procedure:
        close_recovery(staff=request.staff, patient=patient, procedure=procedure, now=timezone.now())
        messages.success(request, "The recovery is closed. Nobody is reminded any more.")
        return redirect("patients:record", code=code)
    if request.method == "POST" and all_valid(forms):
        try:
            _save(request, patient, procedure, forms)
        except NotPossible as error:
            forms["person"].add_error(error.field or None, error.text)
            existing = error.patient
        else:
            messages.success(request, "The record is saved.")
            return redirect("recovery:chart", code=code)
    status = 422 if request.method == "POST" else 200
    # The forms have written into the objects; the page's head shows what is stored.
    page = {**forms, "forms": list(forms.values()), "existing": existing, "patient": patient, "open": procedure}
    return render(request, "patients/record.html", page, status=status)


def _forms(request: StaffRequest, patient: Patient, procedure: Procedure | None) -> dict[str, Any]:
    data, now, clinic = request.POST or None, timezone.now(), request.staff.clinic
    copy = Patient(**{name: getattr(patient, name) for name in PersonForm.Meta.fields})
    zone = {"timezone": patient.timezone, "temp_unit": patient.temp_unit}
    forms: dict[str, Any] = {"person": PersonForm(data, instance=copy), "zone": ZoneForm(data, initial=zone)}
    if procedure or request.GET.get("new") or (data and "ended_at" in data):
        forms["procedure"] = ProcedureForm(data, instance=procedure, clinic=clinic, now=now)
    forms["agreement"] = AgreementForm(data)
    return forms


def _save(request: StaffRequest, patient: Patient, procedure: Procedure | None, forms: dict[str, Any]) -> None:
    now = timezone.now()
    names = [name for key in ("person", "zone", "procedure") if key in forms for name in forms[key].changed_data]
    renamed = bool({"first_name", "last_name", "birth_date"} & set(names))
    save_record(
        staff=request.staff,
        patient=patient,
        procedure=forms["procedure"].instance if procedure else None,
        person={**forms["person"].cleaned_data, **forms["zone"].cleaned_data},
        fields=names,
        another_person=forms["agreement"].cleaned_data["another_person"] or not renamed,
        now=now,
    )
    if "procedure" in forms and not procedure:
        start_recovery(staff=request.staff, patient=patient, procedure=forms["procedure"].instance, now=now)
