"""Web Push to one browser of a member of staff. It arrives even when the page is closed."""

import hashlib
import json
import time

from django.conf import settings

from alerts.messaging import webpush
from alerts.messaging.channels import safe_http
from alerts.messaging.channels.base import Gone, NotReady, OurFault, PermanentFailure, Sent, TemporaryFailure
from alerts.messaging.channels.hosts import NamedBy
from patients.values.provider_codes import Whose, push_fault


class Push:
    """Push notes. A newer note of an alert replaces the older one: by Topic at the service, by tag on screen."""

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Send one note. address: JSON with endpoint, p256dh, auth. body: JSON with ttl, a lifetime in seconds."""
        if not settings.VAPID_PRIVATE_KEY:
            raise NotReady("push is not set up")
        browser, note = json.loads(address), json.loads(body)
        ttl, topic = note.pop("ttl"), topic_of(key)
        place = safe_http.check(browser["endpoint"], named_by=NamedBy.BROWSER, loopback=settings.OUTBOUND_LOOPBACK)
        try:
            sealed = webpush.encrypt(
                json.dumps({"title": subject, "tag": topic, **note}).encode(), browser["p256dh"], browser["auth"]
            )
        except ValueError as error:
            raise PermanentFailure("the keys of this browser are not usable") from error
        headers = {
            "Authorization": webpush.vapid_header(
                browser["endpoint"], settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT, int(time.time())
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(ttl),
            "Topic": topic,
            "Urgency": "high",
        }
        return _read(safe_http.post(place, sealed, headers))


def topic_of(key: str) -> str:
    """The Topic of a key: 32 hex digits of its first two words, such as alert:12. All keys with these share it."""
    return hashlib.sha256(":".join(key.split(":")[:2]).encode()).hexdigest()[:32]


def _read(answer: safe_http.Answer) -> Sent:
    """Read the push service's answer. Sent means taken: no push service reports whether the browser showed it."""
    if 200 <= answer.status < 300:
        return Sent()
    if answer.status in (404, 410):
        raise Gone("this browser takes no messages any more")
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise TemporaryFailure(f"push service said {answer.status}", wait_seconds=answer.wait_seconds)
    fault = push_fault(answer.status)
    if fault.whose == Whose.NOBODYS:
        raise TemporaryFailure(f"push service: {fault.words} ({answer.status})", wait_seconds=answer.wait_seconds)
    raise OurFault(f"push service: {fault.words} ({answer.status})")
