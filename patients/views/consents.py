"""/my/messages/: what the patient agreed to, and how to change it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, patient_required
from patients.models import Consent
from patients.services.consents import agree, live_purposes, withdraw

ACTIONS = {"agree": (agree, "Thank you. This is on again."), "withdraw": (withdraw, "This is off now.")}


@require_http_methods(["GET", "POST"])
@patient_required
def consents(request: PatientRequest) -> HttpResponse:
    """Two agreements, each on or off. Only the patient decides, not a helper."""
    if request.helper is not None:
        raise Http404
    if request.method == "POST":
        purpose, action = request.POST.get("purpose", ""), request.POST.get("action", "")
        if purpose not in Consent.Purpose.values or action not in ACTIONS:
            raise Http404
        change, words = ACTIONS[action]
        change(patient=request.patient, purpose=purpose, actor=request.user, now=timezone.now())
        messages.success(request, words)
        return redirect("patients:consents")
    live = live_purposes(request.patient)
    page: dict[str, Any] = {
        "patient": request.patient,
        "messages_on": "messages" in live,
        "helpers_on": "helpers" in live,
    }
    return render(request, "patients/consents.html", page)
