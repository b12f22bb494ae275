"""The sheet that a patient takes home: whom to call, the clinic's own words, the next visit, and the plan."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients.access import StaffRequest, needs, not_too_often, patient_or_404
from patients.models import Patient
from patients.permissions import Permission
from patients.printing import can_print, pdf_answer
from patients.views.card import words_of_card
from recovery import selectors
from recovery.phone.clinic_words import own_words
from recovery.phone.step_words import steps_of

LOOKED = "printed the discharge sheet"


@require_safe
@needs(Permission.ENROLL)
@not_too_often("export")
def discharge(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the sheet, to print from the browser."""
    patient = patient_or_404(request, code, action=LOOKED)
    page = _words(request, patient, shown_now())
    return render(request, "recovery/desk/discharge.html", {**page, "can_print": can_print()})


@require_safe
@needs(Permission.ENROLL)
@not_too_often("export")
def discharge_file(request: StaffRequest, code: UUID) -> HttpResponse:
    """Send the sheet, and the cards behind it, as a PDF file."""
    patient = patient_or_404(request, code, action=LOOKED, subject="PDF")
    page = _words(request, patient, shown_now())
    return pdf_answer(request, "recovery/desk/discharge_file.html", {**page, "cards": [page]}, name="home")


def _words(request: StaffRequest, patient: Patient, now: datetime) -> dict[str, Any]:
    """Return the words of the sheet in the language it prints in; raises Http404 while no recovery is open."""
    card = words_of_card(patient, request.GET.get("language", ""))
    with override(card["language"]):
        found = selectors.today(patient, now, helper=False)
        if found.procedure is None:
            raise Http404
        steps = steps_of(found.cards, found.now, patient.timezone)
        return {
            **card,
            "procedure": found.procedure,
            "zone": patient.timezone,
            "own_words": own_words(found.procedure, ""),
            "steps": [step for step in steps if step.tone != "over"],
            "now": now,
        }
