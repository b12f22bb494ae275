"""The sign-in card: printed, handed over, replaced."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from patients import cards
from patients.access import StaffRequest, patient_or_404, staff_required
from patients.addresses import address_of, card_address
from patients.selectors import open_procedure
from patients.services.enrolment import make_new_card


@require_http_methods(["GET", "POST"])
@staff_required()
def card(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the card to print; POST makes a new one and voids the old."""
    patient = patient_or_404(request, code, action="opened the card")
    if request.method == "POST":
        make_new_card(staff=request.staff, patient=patient, now=timezone.now())
        messages.success(request, "This is the new card. The old one does not work any more.")
        return redirect("patients:card", code=code)
    page = {
        "patient": patient,
        "clinic": patient.clinic,
        "qr": cards.qr_svg(cards.card_link(patient)),
        "site": settings.BASE_URL.split("://")[-1],
        "procedure": open_procedure(patient),
        "address": card_address(patient),
        "only_card": patient.user is not None and address_of(patient.user) is None,
    }
    return render(request, "patients/card.html", page)
