"""The two pages a phone keeps for when there is no signal: the blank log, and where to call."""

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
    """911 and, for somebody who is signed in, the clinic's numbers and a place for the page it stands for.

    Nothing about anybody's health: what was last known comes from the phone, which opens it for its person alone.
    """
    if request.user.is_authenticated:
        request.patient, request.helper = acting_for(request)
    patient = getattr(request, "patient", None)
    return render(request, "recovery/phone/offline.html", {"clinic": patient.clinic if patient else None})


@require_safe
@needs(Permission.SEE_RECOVERY)
def log_shell(request: PatientRequest) -> HttpResponseBase:
    """The log page without an answer in it and without an id of its own: the phone makes one when it opens."""
    procedure = open_procedure(request.patient)
    if procedure is None or not sending.may_log(request) or sending.must_choose(request):
        return HttpResponse(status=204)
    asked = sending.asked(request, procedure, timezone.now())
    page = {"form": kept(request.patient.code), "blank": blank(asked), "asked": asked}
    return render(request, "recovery/phone/log.html", page)
