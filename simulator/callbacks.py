"""Sends receipts (later) and replies (at once) to our side, signed as the real provider signs them."""

import base64
import hashlib
import heapq
import hmac
import itertools
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from simulator.faults import Dice, Faults
from simulator.ledger import Ledger

FORM = "application/x-www-form-urlencoded"
TIMEOUT_SECONDS = 10.0
AGAIN_SECONDS = 0.5


class Callbacks:
    """Schedules receipts, and delivers them with a few threads."""

    def __init__(self, *, account: str, token: str, faults: Faults, dice: Dice, ledger: Ledger) -> None:
        self._account, self._token = account, token
        self._faults, self._dice, self._ledger = faults, dice, ledger
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._hands = ThreadPoolExecutor(max_workers=8)
        threading.Thread(target=self._run, daemon=True).start()

    def plan(self, url: str, message_id: str, to: str, sender: str) -> None:
        """Schedule the receipts of one message, as the faults are set now."""
        faults = self._faults
        if not faults.receipts or not url:
            return
        code = faults.failed_numbers.get(to, 0)
        delays = sorted(faults.receipt_delays.items(), key=lambda item: item[1])
        states = ["undelivered" if code and state == "delivered" else state for state, _ in delays]
        if faults.shuffle_receipts:
            states.reverse()
        for state, (_, delay) in zip(states, delays, strict=True):
            form = {"MessageSid": message_id, "MessageStatus": state, "To": to, "From": sender}
            form |= {"SmsSid": message_id, "AccountSid": self._account}
            if state == "undelivered":
                form["ErrorCode"] = str(code)
            for again in range(1 + self._dice.happens(faults.duplicate_receipt_rate)):
                self._at(delay + again * 0.05, url, form, faults.receipt_tries)

    def reply(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        """Post a reply now; returns the status and body of the answer, status 0 when there is no answer."""
        status, body = self._post(url, {"AccountSid": self._account, **form})
        self._ledger.note("reply", sender=form["From"], body=form["Body"], status=status, answer=body)
        return status, body

    def post(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        """Post a form now, signed, as our account; returns status and body of the answer."""
        return self._post(url, {"AccountSid": self._account, **form})

    def _at(self, seconds: float, url: str, form: dict[str, str], tries: int) -> None:
        with self._changed:
            due = time.monotonic() + seconds
            heapq.heappush(self._due, (due, next(self._count), lambda: self._receipt(url, form, tries)))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                _, _, do = heapq.heappop(self._due)
            self._hands.submit(do)

    def _receipt(self, url: str, form: dict[str, str], tries: int) -> None:
        status, _ = self._post(url, form)
        self._ledger.note("receipt", id=form["MessageSid"], state=form["MessageStatus"], status=status)
        if (status == 0 or status >= 500) and tries > 1:
            self._at(AGAIN_SECONDS, url, form, tries - 1)

    def _post(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        headers = {"X-Twilio-Signature": self._sign(url, form), "Content-Type": FORM}
        request = urllib.request.Request(url, urlencode(form).encode(), headers)  # noqa: S310 (a test's own URL)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return answer.status, answer.read(65536).decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read(65536).decode(errors="replace")
        except OSError:
            return 0, ""

    def _sign(self, url: str, form: dict[str, str]) -> str:
        # Not shared with the product on purpose: this tests the product's own implementation of the rule.
        text = url
        for name in sorted(form):
            text += name + form[name]
        return base64.b64encode(hmac.new(self._token.encode(), text.encode(), hashlib.sha1).digest()).decode()
