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
    """E-mail. Every repeat of a key carries the same Message-ID, so that mailboxes show it once."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Hand the message to the mail server.

        Raises PermanentFailure only for faults of the address, OurFault for faults of ours, else TemporaryFailure.
        """
        message_id = message_id_for(key)
        message = EmailMessage(subject, body, to=[address], headers={"Message-ID": message_id})
        try:
            message.send()
        except (smtplib.SMTPException, OSError) as error:
            fault = mail_fault(error)
            raise KINDS[fault.whose](f"mail server: {fault.words}") from error
        return Sent(provider_id=message_id)


def message_id_for(key: str) -> str:
    """The Message-ID of a key: always the same, and it does not reveal what the message is about."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"
