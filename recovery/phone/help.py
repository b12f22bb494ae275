"""Help: whom to call, what paramedics need to know, how the pages look, and everything that is set up once."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from patients import look
from patients.access import PatientRequest, needs
from patients.permissions import Permission
from patients.selectors.emergency import emergency_facts, newest_procedure


@require_safe
@needs(Permission.SEE_RECOVERY)
def help_page(request: PatientRequest) -> HttpResponse:
    """Opens also when no recovery is watched: 911 and the clinic are always in reach."""
    patient = request.patient
    context: dict[str, Any] = {
        "facts": emergency_facts(patient, newest_procedure(patient)),
        "zone": patient.timezone,
    }
    return render(request, "recovery/phone/help.html", context)


@require_POST
@needs(Permission.SEE_RECOVERY)
def save_look(request: PatientRequest) -> HttpResponse:
    """Colours and text size of this phone."""
    answer = redirect("recovery:help")
    look.keep(answer, look.THEME, request.POST.get("theme", ""))
    look.keep(answer, look.TEXT_SIZE, request.POST.get("text", ""))
    return answer
