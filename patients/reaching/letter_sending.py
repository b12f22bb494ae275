"""Sign-in codes and links on their way, handed over at once, each with a row that says what became of it.

A code goes beside the request: the page answers before the provider does, so its speed does not tell whether an
address is known here.
"""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.utils.module_loading import import_string

from patients.models import Letter
from patients.reaching import letters

log_lines = logging.getLogger(__name__)
_senders = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sign-in")


def send_email_soon(message: EmailMessage, letter: Letter) -> "Future[None]":
    """Hand an e-mail to the mail server without waiting for it."""
    return _senders.submit(_beside, letter, message.send)


def send_email_now(message: EmailMessage, letter: Letter) -> Letter:
    """Hand an e-mail to the mail server and wait (settings.SEND_SECONDS at most); what became of it."""
    return letters.end(letter, _carefully(message.send))


def send_sms_soon(number: str, text: str, letter: Letter) -> "Future[None]":
    """Hand a text to the SMS provider of settings.SMS_BACKEND without waiting for it. number: E.164."""
    backend = import_string(settings.SMS_BACKEND)()
    key = f"sign-in:{uuid.uuid4()}"
    return _senders.submit(_beside, letter, lambda: backend.send(number, text, key))


def _beside(letter: Letter, send: Callable[[], object]) -> None:
    error = _carefully(send)
    try:
        letters.end(letter, error)
    except Exception as lost:  # the message is not the worse for it
        log_lines.error("what became of a sign-in message was not kept: %s", type(lost).__name__)
    finally:
        connection.close()


def _carefully(send: Callable[[], object]) -> Exception | None:
    """A failure is written down without the address; the person asks again."""
    try:
        send()
    except Exception as error:
        log_lines.error("a sign-in message was not sent: %s", type(error).__name__)
        return error
    return None
