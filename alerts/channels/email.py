"""E-mail through Django's mail settings."""

import hashlib
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from alerts.channels.base import OUR_SIGN_IN_REFUSED, PermanentFailure, Sent, TemporaryFailure


class Email:
    """One message per key: every repeat carries the same Message-ID, so that mailboxes fold them."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Hand it to the mail server. A refused address is permanent; a refused sign-in is ours to repair."""
        message_id = message_id_for(key)
        message = EmailMessage(subject, body, to=[address], headers={"Message-ID": message_id})
        try:
            message.send()
        except smtplib.SMTPAuthenticationError as error:
            raise TemporaryFailure(f"mail server {OUR_SIGN_IN_REFUSED} ({error.smtp_code})") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise _by_code(min((code for code, _ in error.recipients.values()), default=450)) from error
        except smtplib.SMTPResponseException as error:
            raise _by_code(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TemporaryFailure(f"mail server: {type(error).__name__}") from error
        return Sent(provider_id=message_id)


def message_id_for(key: str) -> str:
    """The Message-ID of a key: the same for ever, and it tells nobody what it is about."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"


def _by_code(code: int) -> Exception:
    """SMTP: 5xx is for good, everything else may pass."""
    kind = PermanentFailure if 500 <= code <= 599 else TemporaryFailure
    return kind(f"mail server said {code}")
