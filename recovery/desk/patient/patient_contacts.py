"""Pages where staff record a contact, a call, a note or a hospital stay at any time."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.lifecycle import AlertError
from alerts.lifecycle.selectors import active_alert
from alerts.models import Alert
from patients.access import StaffRequest, needs, patient_or_404
from patients.access import record as record_look
from patients.models import HospitalStay, Patient, Procedure
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from recovery.desk.patient.patient_forms import EndStayForm, PatientContactForm, StayForm
from recovery.journey import stays, writing
from recovery.models import PatientContact

SAVED = {
    PatientContact.Kind.NOTE: "The note is written down.",
    PatientContact.Kind.NOT_REACHED: "The call is written down. Nobody was reached.",
}


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.WRITE_CONTACTS)
def patient_contact(request: StaffRequest, code: UUID) -> HttpResponse:
    """Record a contact, a call without an answer, or a note. Contacts and calls count for an active alert."""
    patient = patient_or_404(request, code, action="opened the contact form")
    now, zone = db_now(), request.staff.clinic.timezone
    about = active_alert(patient.pk)
    shown = about.code if about else None
    data, watched = typed_or_kept(request), _watched(patient)
    form = PatientContactForm(data, now=now, zone=zone, watched=watched, about=shown)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        record_look(request, patient, action="wrote a contact", subject=typed["kind"])
        try:
            written = writing.write_down(staff=request.staff, patient=patient, now=now, **typed)
        except AlertError as error:
            form.add_error(None, error.text)
            if isinstance(error, writing.CameMeanwhileError):
                form.shows(error.alert.code)
        else:
            messages.success(
                request, _said(typed["kind"], written.alert, promised=bool(typed.get("call_back_by")))
            )
            return redirect("recovery:chart", code=patient.code)
    words = {
        "title": "Write down a contact or a note",
        "button": "Write it down",
        "about": about,
    }
    return _page(request, patient, form, words)


def _watched(patient: Patient) -> bool:
    return rows_of(Procedure, patient=patient).filter(closed_at__isnull=True).exists()


def _said(kind: str, alert: Alert | None, *, promised: bool) -> str:
    words = SAVED.get(PatientContact.Kind(kind), "The contact is written down.")
    alert_words = " It counts for the alert that waits." if alert else ""
    return f"{words}{alert_words}{' The call-back is on the list.' if promised else ''}"


@keeps_form("still")
@require_http_methods(["GET", "POST"])
@needs(Permission.WRITE_CONTACTS)
def hospital(request: StaffRequest, code: UUID) -> HttpResponse:
    """Begin, confirm or end a hospital stay."""
    patient = patient_or_404(request, code, action="opened the hospital form")
    now, stay = db_now(), stays.open_stay(patient)
    if request.method == "POST" and "still" in request.POST:
        return _still(request, patient, now)
    form = _stay_form(request, stay, now)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _write(request, patient, stay, form.cleaned_data, now))
        except AlertError as error:
            form.add_error(None, error.text)
        else:
            return redirect("recovery:chart", code=patient.code)
    words: dict[str, Any] = {"title": "In the hospital", "button": "Write it down", "stay": stay}
    if stay:
        words |= {"title": "Home from the hospital", "button": "They are home", "still": "Still in the hospital"}
    return _page(request, patient, form, words)


def _stay_form(request: StaffRequest, stay: HospitalStay | None, now: datetime) -> StayForm:
    """Return the form to begin or to end a stay; a form of the other kind must be sent again."""
    data, zone = typed_or_kept(request), ZoneInfo(request.staff.clinic.timezone)
    kind = EndStayForm if stay else StayForm
    return kind(data, now=now, zone=zone, since=stay.since if stay else None)


def _write(
    request: StaffRequest, patient: Patient, stay: HospitalStay | None, typed: dict[str, Any], now: datetime
) -> str:
    """Begin or end the stay; return the message to show."""
    if stay is None:
        stays.begin(staff=request.staff, patient=patient, now=now, since=typed["at"], note=typed["note"])
        return "In the hospital: reminders, plan and silence pause until somebody ends it here."
    stays.end(staff=request.staff, patient=patient, now=now, ended_at=typed["at"], note=typed["note"])
    return "Home again: reminders, plan and silence go on."


def _still(request: StaffRequest, patient: Patient, now: datetime) -> HttpResponse:
    try:
        stays.confirm(staff=request.staff, patient=patient, now=now)
    except AlertError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, "Still in the hospital. The list asks again in 3 days.")
    return redirect("recovery:chart", code=patient.code)


def _page(request: StaffRequest, patient: Patient, form: forms.Form, words: dict[str, Any]) -> HttpResponse:
    page = {"patient": patient, "form": form, "zone": request.staff.clinic.timezone, **words}
    page["age"] = patient.age_on(db_now().date())
    status = 422 if request.method == "POST" else 200
    return render(request, "recovery/desk/patient_action.html", page, status=status)
