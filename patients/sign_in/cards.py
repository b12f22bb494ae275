"""Sign-in cards: finding a card's patient, and drawing its QR code."""

import uuid

import qrcode
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from patients.models import Patient


def card_holder(token: uuid.UUID) -> Patient | None:
    """Return the patient whose newest card has this token, with clinic and user; None for an old card."""
    found = Patient.all_clinics.filter(card_token=token, user__is_active=True)
    return found.select_related("clinic", "user").first()


def card_link(patient: Patient) -> str:
    """Return the link in the QR code."""
    return f"{settings.BASE_URL}{reverse('patients:hello', args=[patient.card_token])}"


def new_token(patient: Patient) -> None:
    """Make a new token; every earlier card stops working now."""
    patient.card_token = uuid.uuid4()
    patient.save(update_fields=["card_token"])


def qr_svg(link: str) -> SafeString:
    """Return the link as an inline SVG drawing, sized by the page."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M, image_factory=SvgPathImage)
    code.add_data(link)
    svg: str = code.make_image().to_string(encoding="unicode")
    # The library built it from our own link, so it holds no user input.
    return mark_safe(svg.replace("<svg ", '<svg class="qr" role="img" aria-label="QR code for signing in" ', 1))  # noqa: S308
