"""The two pages a phone keeps for use without signal: the blank log, and the numbers to call."""

import hashlib
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, acting_for, needs
from patients.models import Procedure
from patients.permissions import Permission
from patients.values.languages import ENGLISH
from recovery.forms.log import blank, kept
from recovery.forms.steps import how_many
from recovery.phone.log import sending
from recovery.phone.offline.service_worker import version
from recovery.selectors.today import open_procedure

SHELL_LETTERS = 16
# With which version of the phone's files a kept page goes together: the worker shows it first with no other.
VERSION_HEADER = "X-Kypho-Version"


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
    """Show the log page without answers, name and id; the phone fills them in when it opens the page."""
    now = timezone.now()
    procedure = open_procedure(request.patient)
    if procedure is None or not sending.may_log(request) or sending.must_choose(request):
        return HttpResponse(status=204)
    asked = sending.asked(request, procedure, now)
    page = {"form": kept(request.patient.code), "blank": blank(asked), "asked": asked, "most": how_many(asked)}
    shell = shell_mark(request, procedure, now)
    response = render(request, "recovery/phone/log.html", {**page, "shell": shell})
    response[VERSION_HEADER] = version(get_language() or ENGLISH)
    return response


def shell_mark(request: PatientRequest, procedure: Procedure, now: datetime) -> str:
    """Return a hash that changes when the kept log page would: language, questions, numbers, scripts or styles."""
    clinic = request.patient.clinic
    asked = sending.asked(request, procedure, now)
    names = [clinic.name, clinic.phone, clinic.after_hours_phone, request.patient.name if request.helper else ""]
    shown = [version(get_language() or ENGLISH), asked, request.patient.code, *names]
    return hashlib.sha256("\n".join(map(str, shown)).encode()).hexdigest()[:SHELL_LETTERS]
