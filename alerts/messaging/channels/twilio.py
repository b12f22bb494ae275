"""SMS and calls through Twilio, or a provider with the same API.

The provider's own library adds 51 MB for one POST and one checksum, sets no limit on a whole call, and reads
answers of any size. This module makes one connection and one request, within settings.SEND_SECONDS and 64 KB.
"""

import base64
import hashlib
import hmac
import http.client
import json
import logging
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from alerts.messaging.channels.base import NoTexts, OptedOut, OurFault, PermanentFailure, Sent, TemporaryFailure
from alerts.messaging.channels.deadline import ends_in_time
from patients.values.provider_codes import LANDLINES, OPTED_OUT, Whose, sms_fault

MOST_BYTES = 64 * 1024
MOST_WAIT_SECONDS = 3600

log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """An account at the provider and the provider's URL. receipts: ask the provider to report on each message."""

    name: str
    token: str
    sender: str
    url: str
    receipts: bool = True


class Twilio:
    """The Twilio backend. The default account is SMS_ACCOUNT, SMS_TOKEN, SMS_FROM and SMS_API_URL of settings."""

    def __init__(self, account: Account | None = None) -> None:
        self.account = account or Account(
            settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.SMS_FROM, settings.SMS_API_URL
        )

    def send(self, number: str, text: str, key: str) -> Sent:
        """Send one text, as Channel.send does. The key goes out in a header and comes back with each receipt."""
        sender = "MessagingServiceSid" if self.account.sender.startswith("MG") else "From"
        form = {"To": number, sender: self.account.sender, "Body": text.strip()}
        if self.account.receipts:
            form["StatusCallback"] = f"{settings.BASE_URL}/hooks/sms/status/?key={quote(key, safe='')}"
        return hand_over(self.account, "Messages", form, key)


def hand_over(account: Account, what: str, form: Mapping[str, str], key: str) -> Sent:
    """Have the provider make one message or call. what: Messages or Calls, as its API names them."""
    status, wait_seconds, body = _post(account, what, urlencode(form), key)
    answer = _read(body)
    if 200 <= status < 300:
        return _taken(answer)
    raise _refused(status, answer, wait_seconds)


def why(code: int) -> str:
    """An error code in words, followed by its number."""
    return f"{sms_fault(code).words} ({code})" if code else sms_fault(code).words


def signature(url: str, params: Iterable[tuple[str, str]], token: str) -> str:
    """The provider's signature of a callback: HMAC-SHA1 over the address and the sorted fields, in base64."""
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _post(account: Account, what: str, body: str, key: str) -> tuple[int, int, bytes]:
    """The status, the least seconds to wait, and the body. TemporaryFailure when the call fails or is too slow."""
    place = urlsplit(account.url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.hostname or "", place.port, timeout=settings.SEND_SECONDS)
    lines: list[socket.socket] = []
    path = f"{place.path.rstrip('/')}/2010-04-01/Accounts/{quote(account.name, safe='')}/{what}.json"
    try:
        with ends_in_time(lambda: lines[0] if lines else connection.sock):
            connection.connect()
            # Keep the socket: with an answer of unknown length the connection drops its own reference to it.
            lines.append(connection.sock)
            connection.request("POST", path, body, _headers(account, key))
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise TemporaryFailure("SMS provider: an answer too long to be one")
        return answer.status, _seconds(answer.headers.get("Retry-After")), content
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TemporaryFailure(f"SMS provider: {type(error).__name__}") from error
    finally:
        connection.close()


def _headers(account: Account, key: str) -> dict[str, str]:
    pair = base64.b64encode(f"{account.name}:{account.token}".encode()).decode()
    return {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Idempotency-Key": key,
        "Connection": "close",
    }


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _taken(answer: Mapping[str, Any]) -> Sent:
    """Read a 2xx answer: the message is taken, unless the answer carries an error code."""
    code = _number(answer.get("error_code"))
    if code:
        raise failure(code)
    name = answer.get("sid")
    if not isinstance(name, str) or not name:
        # It may or may not be taken, so it is tried again with the same key.
        raise TemporaryFailure("SMS provider: an answer without a message id")
    return Sent(provider_id=name[:120])


def _refused(status: int, answer: Mapping[str, Any], wait_seconds: int) -> Exception:
    code = _number(answer.get("code"))
    if status >= 500 or status in (408, 409, 425, 429) or status < 400:
        return TemporaryFailure(f"SMS provider said {status}", wait_seconds=wait_seconds)
    found = failure(code) if code else OurFault(f"SMS provider: refused ({status})")
    if isinstance(found, OurFault):
        log_lines.error("the SMS provider refused our account or settings: HTTP %s, code %s", status, code)
    return found


def failure(code: int) -> Exception:
    """The exception for an error code of the provider."""
    fault = sms_fault(code)
    if fault.whose == Whose.OURS:
        return OurFault(f"SMS provider: {why(code)}")
    if fault.whose == Whose.NOBODYS:
        return TemporaryFailure(f"SMS provider: {why(code)}")
    kind = OptedOut if code == OPTED_OUT else NoTexts if code in LANDLINES else PermanentFailure
    return kind(why(code))


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0


def _seconds(value: str | None) -> int:
    return min(int(value), MOST_WAIT_SECONDS) if value and value.isdigit() else 0
