"""E-mail through Django's mail settings."""

import hashlib
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from alerts.messaging.channels.base import OurFault, PermanentFailure, Sent, TemporaryFailure
from patients.values.provider_codes import Whose, mail_fault

KINDS = {Whose.OURS: OurFault, Whose.THEIRS: PermanentFailure, Whose.NOBODYS: TemporaryFailure}


class Email:
    """One message per key: every repeat carries the same Message-ID, so that mailboxes fold them."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Hand it to the mail server. Only what is about the address is for good; the rest is ours, or passes."""
        message_id = message_id_for(key)
        message = EmailMessage(subject, body, to=[address], headers={"Message-ID": message_id})
        try:
            message.send()
        except (smtplib.SMTPException, OSError) as error:
            fault = mail_fault(error)
            raise KINDS[fault.whose](f"mail server: {fault.words}") from error
        return Sent(provider_id=message_id)


def message_id_for(key: str) -> str:
    """The Message-ID of a key: the same for ever, and it tells nobody what it is about."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"
