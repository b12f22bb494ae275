"""The front door as the canary uses it: real HTTP, cookies, CSRF, sign-in, one log; a board, two clicks."""

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
# A clear emergency for the rules; "canary" for whoever reads it.
ANSWERS: dict[str, Any] = {"em_gate": "some", "em_breath": "some", "notes": "canary"}
TAKE = re.compile(r"/desk/alerts/[0-9a-f-]{36}/acknowledge/")


class DoorClosed(Exception):
    """What did not work, in a few words without an address or an answer."""


class Visitor:
    """One browser. Every failure is a DoorClosed that names the step."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def sign_in(self, email: str, password: str, totp_secret: str = "") -> None:
        """By password, and the second factor when it is asked for."""
        self._call("sign-in page", "/accounts/login/")
        place, _ = self._form("sign-in", "/accounts/login/", login=email, password=password)
        if "/2fa/authenticate/" in place:
            counter = int(time.time()) // TOTP_PERIOD_SECONDS
            code = format_hotp_value(hotp_value(totp_secret, counter))
            place, _ = self._form("second factor", "/accounts/2fa/authenticate/", code=code)
        if "/accounts/" in place:
            raise DoorClosed("sign-in was refused")

    def sign_out(self) -> None:
        """Leave no session behind."""
        self._form("sign-out", "/accounts/logout/")

    def send_log(self, client_id: uuid.UUID, now: datetime) -> None:
        """The urgent log, as the phone's own script sends it."""
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
        """Take the alert on the board and close it; False while there is none."""
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
        """The address it ended at and the text there."""
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
