"""Sign-in codes on their way: SMS and e-mail, handed over beside the request.

The page answers before the provider does, so its speed does not tell whether an address is known here.
"""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

log_lines = logging.getLogger(__name__)
_senders = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sign-in")


def sms_works() -> bool:
    """Has this installation a way to send SMS?"""
    return not settings.SMS_BACKEND.endswith("NotSetUp")


def send_email_soon(message: EmailMessage) -> "Future[None]":
    """Hand an e-mail to the mail server without waiting for it."""
    return _senders.submit(_carefully, message.send)


def send_sms_soon(number: str, text: str) -> "Future[None]":
    """Hand a text to the SMS provider of settings.SMS_BACKEND without waiting for it. number: E.164."""
    backend = import_string(settings.SMS_BACKEND)()
    key = f"sign-in:{uuid.uuid4()}"
    return _senders.submit(_carefully, lambda: backend.send(number, text, key))


def _carefully(send: Callable[[], object]) -> None:
    """Nobody waits for the result: a failure is written down without the address, and the person asks again."""
    try:
        send()
    except Exception as error:
        log_lines.error("a sign-in message was not sent: %s", type(error).__name__)
