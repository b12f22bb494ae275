"""The phones that may send urgent logs about one patient with nobody signed in; staff end one that was lost."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now, shown_now
from patients.access import StaffRequest, patient_or_404, record, staff_required
from recovery import phone_keys
from recovery.forms.envelope import as_uuid

ENDED = "Ended: that phone sends nothing any more until its person signs in there again."


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required()
def phones(request: StaffRequest, code: UUID) -> HttpResponse:
    """The patient's own phones and those of their helpers. Looking and ending are written down."""
    if request.method == "POST":
        return _end(request, code)
    patient = patient_or_404(request, code, action="looked at the phones")
    keys = phone_keys.of_patient(patient, shown_now())
    page = {"patient": patient, "keys": keys, "zone": request.staff.clinic.timezone}
    return render(request, "recovery/desk/phones.html", page)


def _end(request: StaffRequest, code: UUID) -> HttpResponse:
    patient = patient_or_404(request, code, action="opened the phones")
    now = db_now()
    chosen = as_uuid(request.POST.get("key"))
    key = chosen and phone_keys.end(phone_keys.of_patient(patient, now), chosen, request.user, now)
    if not key:
        raise Http404
    record(request, patient, action="ended a phone", subject=key.label)
    messages.success(request, ENDED)
    return redirect("recovery:phones", code=patient.code)
