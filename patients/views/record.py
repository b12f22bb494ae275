"""The page that corrects a patient's record, closes a recovery and starts a new one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs, patient_or_404
from patients.forms.enroll import AgreementForm, ZoneForm
from patients.forms.person import PersonForm
from patients.forms.procedure import ProcedureForm
from patients.forms.record import CloseForm
from patients.forms.short_logs import ShortLogForm
from patients.models import Patient, Procedure
from patients.permissions import Permission, may
from patients.selectors.languages import language_of
from patients.selectors.people import open_procedure, open_travel
from patients.selectors.reach import of_patient
from patients.services.clinicians import SET_AGAIN
from patients.services.errors import NotPossible
from patients.services.records import (
    CLOSED,
    ChangedMeanwhile,
    close_recovery,
    newest_change,
    save_record,
    start_recovery,
)
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.values.row_numbers import row_number
from patients.views.enroll import all_valid, warn_of_number

SAVED_WORDS = "The record is saved."
# Changes to these fields move the plan.
MOVED = {"ended_at", "next_visit_at", "thinner_restart_on", SET_AGAIN, "pt_start_on", "timezone"}
MOVED_WORDS = (
    "The plan is made again from the dates as they are now. Whatever the patient was told too early is taken back:"
    " they are asked to open the app, and the chart says what it was."
)
NAMESAKE = {"first_name", "last_name", "birth_date"}
Typed = QueryDict | None


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_RECORD)
def record(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show and save all fields. Errors keep what was typed and link to a patient with the same data."""
    newest = newest_change(code)
    patient = patient_or_404(request, code, action="opened the record")
    procedure, typed = open_procedure(patient), typed_or_kept(request)
    if typed is not None and "close" in typed:
        if procedure:
            return _close(request, patient, procedure, typed, newest)
        messages.info(request, CLOSED)
        return redirect("patients:record", code=code)
    forms = _forms(request, patient, procedure, typed)
    existing, knew = None, _seen(typed)
    seen = newest if knew is None else knew
    if request.method == "POST" and all_valid(forms):
        try:
            _save(request, patient, procedure, forms, knew)
        except ChangedMeanwhile as error:
            forms["person"].add_error(None, _look_again(error, forms))
            seen = error.newest
        except NotPossible as error:
            forms["person"].add_error(error.field or None, error.text)
            existing = error.patient
        else:
            messages.success(request, SAVED_WORDS)
            if "phone" in forms["person"].changed_data:
                warn_of_number(request, forms["person"].cleaned_data["phone"])
            if MOVED & _changed_names(forms):
                messages.info(request, MOVED_WORDS)
            return redirect("patients:record", code=code)
    return _page(request, patient, procedure, forms=forms, existing=existing, seen=seen)


def _seen(typed: Typed) -> int | None:
    """Return the id of the newest change that the form knew; None when it does not say."""
    return row_number(typed.get("seen", "")) if typed is not None else None


def _look_again(error: ChangedMeanwhile, forms: dict[str, Any]) -> str:
    """Return a text that says whose change it was and which fields to check."""
    labels = [str(form[name].label) for form in forms.values() for name in form.fields if name in error.fields]
    return (
        f"{error.text} Nothing of yours is saved yet. Look at these fields, where yours may be the older: "
        f"{', '.join(labels)}. To keep theirs, go back to the chart and open the record again. "
        "To save yours, press again."
    )


def _close(
    request: StaffRequest, patient: Patient, procedure: Procedure, typed: QueryDict, newest: int
) -> HttpResponse:
    now = timezone.now()
    form = CloseForm(typed, procedure=procedure, zone=request.staff.clinic.timezone, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            close_recovery(
                staff=request.staff, patient=patient, procedure=procedure, closed_at=form.closed_at(), now=now
            )
        except NotPossible as error:
            form.add_error(None, error.text)
        else:
            messages.success(request, "The recovery is closed. Nobody is reminded any more.")
            return redirect("patients:record", code=patient.code)
    forms = _forms(request, patient, procedure, None)
    return _page(request, patient, procedure, forms=forms, closing=form, seen=newest)


def _forms(request: StaffRequest, patient: Patient, procedure: Procedure | None, data: Typed) -> dict[str, Any]:
    """Return the forms of this page; the procedure's only while a recovery is open or a new one is entered."""
    now, clinic = timezone.now(), request.staff.clinic
    # A form writes typed values into its instance, but the page's head must show the stored ones: use a copy.
    copy = Patient(**{name: getattr(patient, name) for name in PersonForm.Meta.fields})
    travel = open_travel(patient)
    # Staff write the zone of home. A trip ends by itself, and a page that was opened before one changes nothing.
    home = travel.home_zone if travel else patient.timezone
    zone = {"timezone": home, "temp_unit": patient.temp_unit, "language": language_of(patient.user)}
    forms: dict[str, Any] = {"person": PersonForm(data, instance=copy), "zone": ZoneForm(data, initial=zone)}
    forms["short"] = ShortLogForm(data, patient=patient, phone=str(forms["person"]["phone"].value() or ""))
    if procedure or request.GET.get("new") or (data and "ended_at" in data):
        forms["procedure"] = ProcedureForm(
            data, instance=procedure, clinic=clinic, now=now, may_lift=may(request.staff, Permission.LIFT_LIMITS)
        )
    forms["agreement"] = AgreementForm(data)
    return forms


def _save(
    request: StaffRequest, patient: Patient, procedure: Procedure | None, forms: dict[str, Any], seen: int | None
) -> None:
    now = timezone.now()
    names = _changed_names(forms)
    typed = dict(forms["procedure"].cleaned_data) if "procedure" in forms else {}
    if typed and not procedure:
        start_recovery(staff=request.staff, patient=patient, record=typed, now=now)
        seen = None  # what is newest now is our own
    save_record(
        staff=request.staff,
        patient=patient,
        procedure=procedure,
        person={**forms["person"].cleaned_data, **forms["zone"].cleaned_data, **forms["short"].cleaned_data},
        record=typed,
        fields=names,
        another_person=forms["agreement"].cleaned_data["another_person"] or not names & NAMESAKE,
        now=now,
        seen=seen,
        shared=forms["agreement"].cleaned_data["shared"],
    )


def _changed_names(forms: dict[str, Any]) -> set[str]:
    return {
        name
        for key in ("person", "zone", "short", "procedure")
        if key in forms
        for name in forms[key].changed_data
    }


def _page(
    request: StaffRequest,
    patient: Patient,
    procedure: Procedure | None,
    *,
    forms: dict[str, Any],
    seen: int,
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
        "open_procedure": procedure,
        "seen": seen,
        "way": of_patient(patient),
    }
    return render(request, "patients/record.html", page, status=422 if request.method == "POST" else 200)
