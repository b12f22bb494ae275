"""E-mail through Django's mail settings."""

import hashlib
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from alerts.channels.base import OurFault, PermanentFailure, Sent, TemporaryFailure
from alerts.channels.codes import Whose, smtp_fault


class Email:
    """One message per key: every repeat carries the same Message-ID, so that mailboxes fold them."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Hand it to the mail server. Only what is about the address is for good; the rest is ours, or passes."""
        message_id = message_id_for(key)
        deliver(EmailMessage(subject, body, to=[address], headers={"Message-ID": message_id}))
        return Sent(provider_id=message_id)


def deliver(message: EmailMessage) -> None:
    """Send one message now. Raises TemporaryFailure, OurFault or PermanentFailure, without any address."""
    try:
        message.send()
    except smtplib.SMTPAuthenticationError as error:
        raise OurFault(f"mail server: our sign-in was refused ({error.smtp_code})") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (450, b""))
        raise _by_answer(code, text, at_the_address=True) from error
    except smtplib.SMTPResponseException as error:
        raise _by_answer(error.smtp_code, error.smtp_error, at_the_address=False) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryFailure(f"mail server: {type(error).__name__}") from error


def message_id_for(key: str) -> str:
    """The Message-ID of a key: the same for ever, and it tells nobody what it is about."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"


def _by_answer(code: int, text: bytes | str, *, at_the_address: bool) -> Exception:
    """The server's own words may hold the address: only ours for them are kept."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    fault = smtp_fault(code, words, at_the_address=at_the_address)
    kind = {Whose.OURS: OurFault, Whose.THEIRS: PermanentFailure, Whose.NOBODYS: TemporaryFailure}[fault.whose]
    return kind(f"mail server: {fault.words} ({code})")
