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
from patients.forms.record import CloseForm
from patients.models import Patient, Procedure
from patients.selectors import open_procedure, texts_stopped
from patients.services.errors import NotPossible
from patients.services.records import close_recovery, save_record, start_recovery
from patients.views.enroll import all_valid

NAMESAKE = {"first_name", "last_name", "birth_date"}


@require_http_methods(["GET", "POST"])
@staff_required()
def record(request: StaffRequest, code: UUID) -> HttpResponse:
    """All fields. Errors keep what was typed and link to the patient already there."""
    patient = patient_or_404(request, code, action="opened the record")
    procedure = open_procedure(patient)
    if "close" in request.POST and procedure:
        return _close(request, patient, procedure)
    forms = _forms(request, patient, procedure)
    existing = None
    if request.method == "POST" and all_valid(forms):
        try:
            _save(request, patient, procedure, forms)
        except NotPossible as error:
            forms["person"].add_error(error.field or None, error.text)
            existing = error.patient
        else:
            messages.success(request, "The record is saved.")
            return redirect("patients:record", code=code)
    return _page(request, patient, procedure, forms=forms, existing=existing)


def _close(request: StaffRequest, patient: Patient, procedure: Procedure) -> HttpResponse:
    now = timezone.now()
    form = CloseForm(request.POST, procedure=procedure, zone=request.staff.clinic.timezone, now=now)
    if form.is_valid():
        try:
            close_recovery(
                staff=request.staff, patient=patient, procedure=procedure, closed_at=form.closed_at(), now=now
            )
        except NotPossible as error:
            form.add_error(None, error.text)
        else:
            messages.success(request, "The recovery is closed. Nobody is reminded any more.")
            return redirect("patients:record", code=patient.code)
    forms = _forms(request, patient, procedure, typed=False)
    return _page(request, patient, procedure, forms=forms, closing=form)


def _forms(
    request: StaffRequest, patient: Patient, procedure: Procedure | None, *, typed: bool = True
) -> dict[str, Any]:
    """The forms of this page; those of a procedure only while one is open or a new one is being recorded."""
    data, now, clinic = (request.POST or None) if typed else None, timezone.now(), request.staff.clinic
    # A form writes what was typed into its object: the page's head shows what is stored.
    copy = Patient(**{name: getattr(patient, name) for name in PersonForm.Meta.fields})
    zone = {"timezone": patient.timezone, "temp_unit": patient.temp_unit}
    forms: dict[str, Any] = {"person": PersonForm(data, instance=copy), "zone": ZoneForm(data, initial=zone)}
    if procedure or request.GET.get("new") or (data and "ended_at" in data):
        forms["procedure"] = ProcedureForm(data, instance=procedure, clinic=clinic, now=now)
    forms["agreement"] = AgreementForm(data)
    return forms


def _save(request: StaffRequest, patient: Patient, procedure: Procedure | None, forms: dict[str, Any]) -> None:
    now = timezone.now()
    names = {name for key in ("person", "zone", "procedure") if key in forms for name in forms[key].changed_data}
    typed = dict(forms["procedure"].cleaned_data) if "procedure" in forms else {}
    if typed and not procedure:
        start_recovery(staff=request.staff, patient=patient, record=typed, now=now)
    save_record(
        staff=request.staff,
        patient=patient,
        procedure=procedure,
        person={**forms["person"].cleaned_data, **forms["zone"].cleaned_data},
        record=typed,
        fields=names,
        another_person=forms["agreement"].cleaned_data["another_person"] or not names & NAMESAKE,
        now=now,
    )


def _page(
    request: StaffRequest,
    patient: Patient,
    procedure: Procedure | None,
    *,
    forms: dict[str, Any],
    existing: Patient | None = None,
    closing: CloseForm | None = None,
) -> HttpResponse:
    zone = request.staff.clinic.timezone
    if closing is None and procedure:
        closing = CloseForm(procedure=procedure, zone=zone, now=timezone.now())
    page = {
        **forms,
        "forms": [*forms.values(), *([closing] if closing else [])],
        "existing": existing,
        "patient": patient,
        "closing": closing,
        "texts_stopped": texts_stopped(str(patient.phone or "")),
    }
    return render(request, "patients/record.html", page, status=422 if request.method == "POST" else 200)
