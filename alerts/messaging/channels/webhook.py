"""Webhooks to a clinic's own systems, signed as Standard Webhooks asks (standardwebhooks.com)."""

import base64
import hashlib
import hmac
import json
import time

from django.conf import settings

from alerts.messaging.channels import safe_http
from alerts.messaging.channels.base import PermanentFailure, Sent, TemporaryFailure

PREFIX = "whsec_"


class Webhook:
    """The webhook channel. 2xx counts as delivered. A repeat carries the same webhook-id and a new signature."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Send one message. address: JSON with url and secrets.

        PermanentFailure for 3xx and 4xx; TemporaryFailure for 408, 409, 425, 429 and 5xx.
        """
        target = json.loads(address)
        place = safe_http.check(target["url"], loopback=settings.OUTBOUND_LOOPBACK, only_loopback=settings.DEMO)
        name, at = message_id(key), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Kypho-Recovery-Webhooks/1",
            "Idempotency-Key": name,
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(sign(secret, name, at, body) for secret in target["secrets"]),
        }
        answer = safe_http.post(place, body.encode(), headers)
        if 200 <= answer.status < 300:
            return Sent(provider_id=name, delivered=True)
        words = f"the system answered {answer.status}"
        if answer.status in (408, 409, 425, 429) or answer.status >= 500:
            raise TemporaryFailure(words, wait_seconds=answer.wait_seconds)
        if 300 <= answer.status < 400:
            raise PermanentFailure(f"{words}: redirects are not followed")
        raise PermanentFailure(words)


def message_id(key: str) -> str:
    """The webhook-id of a key: always the same, and it does not reveal what the message is about."""
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def sign(secret: str, name: str, at: str, body: str) -> str:
    """The signature: v1 and the base64 of HMAC-SHA256 over id.timestamp.body. secret: whsec_ and base64."""
    text = f"{name}.{at}.{body}".encode()
    digest = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), text, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
