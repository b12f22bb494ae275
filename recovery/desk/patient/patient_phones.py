"""The phones that may send urgent logs about one patient without a sign-in; staff can end a lost one."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now, shown_now
from patients.access import StaffRequest, needs, patient_or_404, record
from patients.models import Patient, User
from patients.permissions import Permission
from patients.selectors.people import live_helpers
from patients.services.sessions import end_all, sign_ins
from patients.sign_in.passkeys import remove_all
from patients.sign_in.proofs import is_guarded
from recovery.forms.log_json import as_uuid
from recovery.logs import phone_keys

SIGNED_OUT = "{name} is signed out everywhere. They sign in again with a code, on a phone they have."
ENDED = "Ended: that phone sends nothing any more until its person signs in there again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.END_PHONES)
def phones(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the phones of the patient and their helpers; the access log records looking and ending."""
    if request.method == "POST":
        return _end(request, code)
    patient = patient_or_404(request, code, action="looked at the phones")
    now = shown_now()
    page = {
        "patient": patient,
        "keys": phone_keys.of_patient(patient, now),
        "sign_ins": sign_ins(patient.user) if patient.user else [],
        "people": _people(patient, now),
        "zone": request.staff.clinic.timezone,
    }
    return render(request, "recovery/desk/phones.html", page)


def _people(patient: Patient, now: datetime) -> list[tuple[int, str]]:
    """Return who may be signed out here, by user id: the patient and their present helpers, in words."""
    own = [(patient.user_id, patient.name)] if patient.user_id else []
    return own + [(one.user_id, one.relationship or "A helper") for one in live_helpers(patient.pk, now)]


def _lost(request: StaffRequest, patient: Patient, number: str) -> HttpResponse:
    """Handle a lost phone: sign its person out everywhere, remove their passkeys and end their phone keys."""
    now = db_now()
    chosen = next((one for one in _people(patient, now) if str(one[0]) == number), None)
    if chosen is None:
        raise Http404
    user = User.objects.get(pk=chosen[0])
    end_all(user, request, by=request.user, why="lost phone")
    # We do not know which passkey was on the phone. A second factor of staff is removed only by the way back.
    if not (user.works_at_id or is_guarded(user)):
        remove_all(user, request, by=request.user, why="lost phone")
    for key in phone_keys.of_user(user, now):
        phone_keys.end(phone_keys.of_user(user, now), key.code, request.user, now)
    record(request, patient, action="signed out everywhere", subject=chosen[1])
    messages.success(request, SIGNED_OUT.format(name=chosen[1]))
    return redirect("recovery:phones", code=patient.code)


def _end(request: StaffRequest, code: UUID) -> HttpResponse:
    patient = patient_or_404(request, code, action="opened the phones")
    now = db_now()
    if "person" in request.POST:
        return _lost(request, patient, request.POST["person"])
    chosen = as_uuid(request.POST.get("key"))
    key = chosen and phone_keys.end(phone_keys.of_patient(patient, now), chosen, request.user, now)
    if not key:
        raise Http404
    record(request, patient, action="ended a phone", subject=key.label)
    messages.success(request, ENDED)
    return redirect("recovery:phones", code=patient.code)
