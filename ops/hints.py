"""Tells the operator at the start what a new installation still lacks; none of it stops the start."""

import socket
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings

from alerts.messaging.channels.sms import NotSetUp

NO_CLINIC = "There is no clinic here yet: the management command create_clinic makes one (see README.md)."
NO_TEXTS = "Text messages are not set up: docs/howto/sms.md says how."
LOOK_SECONDS = 3


def hints() -> Iterator[str]:
    """Yield one sentence for the operator about each thing that is missing; none for a demo."""
    if settings.DEMO:
        return
    if not apps.get_model("patients", "Clinic").objects.filter(is_canary=False).exists():
        yield NO_CLINIC
    if settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend") and not _answers(settings.EMAIL_HOST, _mail_port()):
        place = f"{settings.EMAIL_HOST}:{_mail_port()}"
        yield f"No mail server answers at {place}, so no e-mail can leave now: is EMAIL_URL right?"
    if settings.SMS_BACKEND.endswith(f".{NotSetUp.__name__}"):
        yield NO_TEXTS


def _mail_port() -> int:
    return settings.EMAIL_PORT or (465 if settings.EMAIL_USE_SSL else 25)


def _answers(host: str, port: int) -> bool:
    """Return whether a server accepts connections there now."""
    try:
        with socket.create_connection((host, port), timeout=LOOK_SECONDS):
            return True
    except OSError:
        return False
