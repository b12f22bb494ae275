"""/card/: what paramedics need to know, shown on the patient's phone or printed; also with no signal."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from patients.access import PatientRequest, needs
from patients.permissions import Permission
from patients.selectors.emergency import emergency_facts, newest_procedure


@require_safe
@needs(Permission.SEE_RECOVERY)
def emergency_card(request: PatientRequest) -> HttpResponse:
    """Show the card; after a recovery was closed too, because the cement stays."""
    patient = request.patient
    page = {
        "facts": emergency_facts(patient, newest_procedure(patient)),
        "patient": patient,
        "clinic": patient.clinic,
        "zone": patient.timezone,
        "now": timezone.now(),
    }
    return render(request, "recovery/phone/emergency_card.html", page)
