"""Sends sign-in codes and links at once; each has a row that says what became of it.

A code is sent in a thread, so the page answers before the provider does. The time of the answer then does not
tell an attacker whether an address is known here.
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
    """Send an e-mail without waiting for the mail server."""
    return _senders.submit(_beside, letter, message.send)


def send_email_now(message: EmailMessage, letter: Letter) -> Letter:
    """Send an e-mail and wait for the mail server (settings.SEND_SECONDS at most); returns the letter's row."""
    return letters.end(letter, _carefully(message.send))


def send_sms_soon(number: str, text: str, letter: Letter) -> "Future[None]":
    """Send a text by settings.SMS_BACKEND without waiting for the provider. number: E.164."""
    backend = import_string(settings.SMS_BACKEND)()
    key = f"sign-in:{uuid.uuid4()}"
    return _senders.submit(_beside, letter, lambda: backend.send(number, text, key))


def _beside(letter: Letter, send: Callable[[], object]) -> None:
    error = _carefully(send)
    try:
        letters.end(letter, error)
    except Exception as lost:  # the message itself is not affected
        log_lines.error("what became of a sign-in message was not kept: %s", type(lost).__name__)
    finally:
        connection.close()


def _carefully(send: Callable[[], object]) -> Exception | None:
    """Send, and return the error if there is one; logs it without the address."""
    try:
        send()
    except Exception as error:
        log_lines.error("a sign-in message was not sent: %s", type(error).__name__)
        return error
    return None
