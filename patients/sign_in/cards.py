"""Sign-in cards: whose token is this, and the QR code that carries it."""

import uuid

import qrcode
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from patients.models import Patient


def card_holder(token: uuid.UUID) -> Patient | None:
    """The patient whose newest card carries this token, with clinic and user; None for an old card."""
    found = Patient.all_clinics.filter(card_token=token, user__is_active=True)
    return found.select_related("clinic", "user").first()


def card_link(patient: Patient) -> str:
    """What the QR code opens."""
    return f"{settings.BASE_URL}{reverse('patients:hello', args=[patient.card_token])}"


def new_token(patient: Patient) -> None:
    """The next card: every earlier one stops working now."""
    patient.card_token = uuid.uuid4()
    patient.save(update_fields=["card_token"])


def qr_svg(link: str) -> SafeString:
    """The link as an SVG drawing for inline use, sized by the page."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M, image_factory=SvgPathImage)
    code.add_data(link)
    svg: str = code.make_image().to_string(encoding="unicode")
    # Built by the library from our own link: nothing typed by anybody is in it.
    return mark_safe(svg.replace("<svg ", '<svg class="qr" role="img" aria-label="QR code for signing in" ', 1))  # noqa: S308
