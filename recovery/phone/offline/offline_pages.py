"""The two pages a phone keeps for use without signal: the blank log, and the numbers to call."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, acting_for, needs
from patients.permissions import Permission
from recovery.forms.log import blank, kept
from recovery.phone.log import sending
from recovery.selectors.today import open_procedure


@require_safe
def offline(request: Any) -> HttpResponse:
    """Show 911 and, to a signed-in person, the clinic's numbers and room for the page that could not load.

    It holds no health data: the phone fills in what it last knew, which only the signed-in person can decrypt.
    """
    if request.user.is_authenticated:
        request.patient, request.helper = acting_for(request)
    patient = getattr(request, "patient", None)
    return render(request, "recovery/phone/offline.html", {"clinic": patient.clinic if patient else None})


@require_safe
@needs(Permission.SEE_RECOVERY)
def log_shell(request: PatientRequest) -> HttpResponseBase:
    """Show the log page without answers and without an id; the phone makes the id when it opens the page."""
    procedure = open_procedure(request.patient)
    if procedure is None or not sending.may_log(request) or sending.must_choose(request):
        return HttpResponse(status=204)
    asked = sending.asked(request, procedure, timezone.now())
    page = {"form": kept(request.patient.code), "blank": blank(asked), "asked": asked}
    return render(request, "recovery/phone/log.html", page)
