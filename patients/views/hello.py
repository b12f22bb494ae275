"""The page that a sign-in card's QR code opens, with a button that sends the code."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from patients.selectors.addresses import card_address
from patients.sign_in import limits
from patients.sign_in.cards import card_holder
from patients.sign_in.codes import CodeProcess
from patients.trail import What, note
from patients.views.sign_in import SLOW_DOWN


@never_cache
def hello(request: HttpRequest, token: UUID) -> HttpResponse:
    """Greet the holder of the card; the button sends a code to the address on file, which is shown masked."""
    patient = card_holder(token)
    if patient is None or patient.user is None:
        return render(request, "patients/sign_in/old_card.html", status=404)
    if request.user.pk == patient.user.pk:
        return redirect("home")
    address = card_address(patient)
    page = {"patient": patient, "clinic": patient.clinic, "address": address}
    if request.method != "POST" or address is None or request.user.is_authenticated:
        return render(request, "patients/sign_in/hello.html", page)
    if not limits.may_have_code(request, str(address), holder=f"card {token}"):
        note(What.REFUSED, request, user=patient.user, detail="too many codes")
        messages.error(request, SLOW_DOWN)
        return render(request, "patients/sign_in/hello.html", page, status=429)
    CodeProcess.start(request, address, patient.user, holder=f"card {token}")
    return redirect("patients:enter_code")
