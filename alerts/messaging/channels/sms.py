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
        """Send one text, as Channel.send does."""
        ...


class Sms:
    """The SMS channel. A text has no subject."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Hand one text to the provider that is set up."""
        backend: SmsBackend = import_string(settings.SMS_BACKEND)()
        return backend.send(address, body, key)


class NotSetUp:
    """The backend without a provider. It refuses for good, so the plan's next step comes at once."""

    def send(self, number: str, text: str, key: str) -> Sent:
        """Raise NotReady."""
        raise NotReady("SMS is not set up")


class OutboxFolder:
    """The backend for demos: one file per message in settings.OUTBOX_DIR. The same key writes the same file."""

    def send(self, number: str, text: str, key: str) -> Sent:
        """Write one text to its file."""
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        folder = Path(settings.OUTBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        message = {"to": number, "text": text, "at": timezone.now().isoformat()}
        (folder / f"{name}.sms.json").write_text(json.dumps(message), encoding="utf-8")
        return Sent(provider_id=name)
