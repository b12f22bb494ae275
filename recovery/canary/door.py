"""The canary's browser: real HTTP, cookies, CSRF and sign-in; it sends one log and answers it on the board."""

import json
import re
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings

from patients.tiers import URGENT

CALL_SECONDS = 15
MOST_BYTES = 2 * 1024 * 1024
TOTP_PERIOD_SECONDS = 30
# A clear emergency for the rules; the note "canary" tells readers what it is.
ANSWERS: dict[str, Any] = {"em_gate": "some", "em_breath": "some", "notes": "canary"}
TAKE = re.compile(r"/desk/alerts/[0-9a-f-]{36}/acknowledge/")


class DoorClosed(Exception):
    """A step of the canary failed; the text names it without an address or an answer."""


class Visitor:
    """One browser session. Every failure raises DoorClosed with the name of the step."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def sign_in(self, email: str, password: str, totp_secret: str = "") -> None:
        """Sign in by password, and by the second factor when the server asks for it."""
        self._call("sign-in page", "/accounts/login/")
        place, _ = self._form("sign-in", "/accounts/login/", login=email, password=password)
        if "/2fa/authenticate/" in place:
            counter = int(time.time()) // TOTP_PERIOD_SECONDS
            code = format_hotp_value(hotp_value(totp_secret, counter))
            place, _ = self._form("second factor", "/accounts/2fa/authenticate/", code=code)
        if "/accounts/" in place:
            raise DoorClosed("sign-in was refused")

    def sign_out(self) -> None:
        """Sign out, so that no session stays open."""
        self._form("sign-out", "/accounts/logout/")

    def send_log(self, client_id: uuid.UUID, now: datetime) -> None:
        """Send the urgent log as the phone's own script does."""
        body = {"client_id": str(client_id), "answers": ANSWERS, "answered_at": now.isoformat(), "partial": True}
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token()}
        _, text = self._call("log", "/api/logs/", json.dumps(body).encode(), headers)
        try:
            tier = json.loads(text)["tier"]
        except (ValueError, KeyError, TypeError):
            raise DoorClosed("log: the answer is not one of ours") from None
        if tier not in URGENT:
            raise DoorClosed("the log was not judged urgent")

    def take_and_close(self) -> bool:
        """Acknowledge the alert on the board and close it; False when there is none."""
        _, board = self._call("board", "/desk/rows/")
        found = TAKE.search(board)
        if not found:
            return False
        self._form("taking the alert", found.group())
        closing = {"outcome": "entered_in_error", "note": "canary", "worth": "unsure"}
        place, _ = self._form("closing the alert", found.group().replace("acknowledge", "resolve"), **closing)
        if "/resolve/" in place:
            raise DoorClosed("the alert could not be closed")
        return True

    def _form(self, step: str, path: str, **fields: str) -> tuple[str, str]:
        data = urlencode({**fields, "csrfmiddlewaretoken": self._token()}).encode()
        return self._call(step, path, data, {"Content-Type": "application/x-www-form-urlencoded"})

    def _call(
        self, step: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[str, str]:
        """Return the final address and the text of the answer."""
        url = f"{self.base_url}{path}"
        sent = {"Referer": url, "Origin": self.base_url, "User-Agent": "kypho-canary", **(headers or {})}
        request = urllib.request.Request(url, data, sent)  # noqa: S310 (the address is a setting)
        try:
            with self._opener.open(request, timeout=CALL_SECONDS) as answer:
                return answer.url, answer.read(MOST_BYTES).decode(errors="replace")
        except urllib.error.HTTPError as error:
            raise DoorClosed(f"{step}: HTTP {error.code}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise DoorClosed(f"{step}: {type(reason).__name__}") from error

    def _token(self) -> str:
        return next((cookie.value or "" for cookie in self.jar if cookie.name == settings.CSRF_COOKIE_NAME), "")
