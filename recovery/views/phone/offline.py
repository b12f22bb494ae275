"""The two pages a phone keeps for when there is no signal: the blank log, and where to call."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, acting_for, patient_required
from recovery.forms.log import blank, kept
from recovery.selectors.today import open_procedure
from recovery.views.phone import sending


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """911 and, for somebody who is signed in, the clinic's numbers. Nothing about anybody's health."""
    patient = acting_for(request)[0] if request.user.is_authenticated else None
    clinic = patient.clinic if patient else None
    return render(request, "recovery/phone/offline.html", {"clinic": clinic})


@require_safe
@patient_required
def log_shell(request: PatientRequest) -> HttpResponseBase:
    """The log page without an answer in it and without an id of its own: the phone makes one when it opens."""
    procedure = open_procedure(request.patient)
    if procedure is None or not sending.may_log(request) or sending.must_choose(request):
        return HttpResponse(status=204)
    asked = sending.asked(request, procedure, timezone.now())
    page = {"form": kept(request.patient.code), "blank": blank(asked), "asked": asked}
    return render(request, "recovery/phone/log.html", page)
