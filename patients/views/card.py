"""The page that prints and replaces a patient's sign-in card."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from patients.access import StaffRequest, needs, not_too_often, patient_or_404
from patients.models import Patient, User
from patients.permissions import Permission
from patients.printing import pdf_answer
from patients.selectors.addresses import address_of, card_address
from patients.selectors.emergency import emergency_facts
from patients.selectors.languages import printed_in
from patients.selectors.people import open_procedure
from patients.services.enrolment import known_here, make_new_card
from patients.sign_in import cards


@require_http_methods(["GET", "POST"])
@needs(Permission.ENROLL)
@not_too_often("export")
def card(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the card for printing; POST makes a new one, and the old one stops working."""
    patient = patient_or_404(request, code, action="opened the card")
    if request.method == "POST":
        make_new_card(staff=request.staff, patient=patient, now=timezone.now())
        messages.success(request, "This is the new card. The old one does not work any more.")
        return redirect("patients:card", code=code)
    return render(request, "patients/card.html", words_of_card(patient, request.GET.get("language", "")))


def words_of_card(patient: Patient, language: str = "") -> dict[str, Any]:
    """Return what the card says. language: as staff chose; without one, that of the patient."""
    return {
        "patient": patient,
        "clinic": patient.clinic,
        "qr": cards.qr_svg(cards.card_link(patient)),
        "site": settings.BASE_URL.split("://")[-1],
        "facts": emergency_facts(patient, open_procedure(patient)),
        "address": card_address(patient),
        "only_card": _only_card(patient),
        **printed_in(language, patient.user),
    }


@require_safe
@needs(Permission.ENROLL)
@not_too_often("export")
def card_file(request: StaffRequest, code: UUID) -> HttpResponse:
    """Send the card as a PDF file."""
    patient = patient_or_404(request, code, action="opened the card", subject="PDF")
    card = words_of_card(patient, request.GET.get("language", ""))
    page = {"cards": [card], "site": card["site"], "language": card["language"]}
    return pdf_answer(request, "patients/card_file.html", page, name="card")


def _only_card(patient: Patient) -> bool:
    """Return whether only the card lets the patient sign in, because they share their addresses with people here.

    Addresses shared with people of other clinics are not revealed.
    """
    if patient.user is None or address_of(patient.user) is not None:
        return False
    by_phone = Q(phone=patient.phone) if patient.phone else Q(pk__in=[])
    by_email = Q(email__iexact=patient.email) if patient.email else Q(pk__in=[])
    owners = User.objects.filter(by_phone | by_email, works_at=None)
    return any(known_here(patient.clinic, owner) for owner in owners)
