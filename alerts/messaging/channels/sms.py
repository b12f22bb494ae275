"""SMS through the backend named by settings.SMS_BACKEND."""

import hashlib
import json
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from alerts.messaging.channels.base import NotReady, Sent


class SmsBackend(Protocol):
    """One SMS provider."""

    def send(self, number: str, text: str, key: str) -> Sent:
        """As Channel.send."""
        ...


class Sms:
    """SMS has no subject, only a text."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Hand it to the provider that is set up."""
        backend: SmsBackend = import_string(settings.SMS_BACKEND)()
        return backend.send(address, body, key)


class NotSetUp:
    """No provider: the plan goes on with its next step at once."""

    def send(self, number: str, text: str, key: str) -> Sent:
        """Always refuses."""
        raise NotReady("SMS is not set up")


class OutboxFolder:
    """For demos: one file per message in settings.OUTBOX_DIR. The same key writes the same file again."""

    def send(self, number: str, text: str, key: str) -> Sent:
        """Write the file."""
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        folder = Path(settings.OUTBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        message = {"to": number, "text": text, "at": timezone.now().isoformat()}
        (folder / f"{name}.sms.json").write_text(json.dumps(message), encoding="utf-8")
        return Sent(provider_id=name)
