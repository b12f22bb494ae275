"""The HTTP server of the simulator: takes messages, and fails as asked."""

import base64
import hashlib
import json
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from simulator.callbacks import Callbacks
from simulator.calls import Calls
from simulator.faults import Dice, Faults
from simulator.ledger import Ledger

MOST_BYTES = 1024 * 1024
KEY_HEADERS = ("Idempotency-Key", "webhook-id", "Topic")
NOT_SIGNED_IN = {"code": 20003, "message": "Authenticate", "status": 401}
RESET = struct.pack("ii", 1, 0)


@dataclass
class Provider:
    """The state of one simulated provider."""

    account: str
    token: str
    reply_url: str
    number: str
    faults: Faults
    dice: Dice
    ledger: Ledger
    callbacks: Callbacks
    calls: Calls


class Server(ThreadingHTTPServer):
    """Serves one simulated provider on one port."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], provider: Provider) -> None:
        super().__init__(address, Handler)
        self.provider = provider


class Handler(BaseHTTPRequestHandler):
    """Handles one request."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 120

    @property
    def provider(self) -> Provider:
        """The provider of this server."""
        return self.server.provider

    def do_GET(self) -> None:
        """Answer with the faults, the ledger, or a sign of life."""
        if self.path == "/control":
            self._answer(200, self.provider.faults.as_json())
        elif self.path == "/ledger":
            lines = "".join(json.dumps(line) + "\n" for line in self.provider.ledger.read())
            self._send(200, lines.encode(), "application/jsonl")
        else:
            self._answer(200 if self.path == "/health" else 404, {"path": self.path})

    def do_PUT(self) -> None:
        """Change the faults at /control; 400 for an unknown fault or value."""
        try:
            values = json.loads(self._body())
            if self.path != "/control" or not isinstance(values, dict):
                raise ValueError("PUT a JSON object to /control")
            self.provider.faults.change(values)
        except ValueError as error:
            self._answer(400, {"error": str(error)})
            return
        self._answer(200, self.provider.faults.as_json())

    def do_POST(self) -> None:
        """Take a message, or send a reply to our side."""
        body = self._body()
        if self.path == "/reply":
            self._bring_reply(body)
            return
        if self.path == "/pick-up":
            self._pick_up(body)
            return
        fault = self.provider.dice.what_happens(self.provider.faults, self.path)
        if fault:
            self.provider.ledger.note("fault", fault=fault, path=self.path)
        if self._fails_before(fault):
            return
        time.sleep(self.provider.faults.delay_seconds)
        if self.path.endswith("/Messages.json"):
            status, answer = self._take_sms(body)
        elif self.path.endswith("/Calls.json"):
            status, answer = self._take_call(body)
        elif self.path.startswith(("/webhook/", "/push/")):
            status, answer = self._take_other(body)
        else:
            status, answer = 404, {"code": 20404, "status": 404}
        self._finish(fault, status, answer)

    # --- Messages ---

    def _is_account(self) -> bool:
        provider = self.provider
        pair = base64.b64encode(f"{provider.account}:{provider.token}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {pair}" and f"/{provider.account}/" in self.path

    def _take_call(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Take one call. Like the real provider it knows no keys: the same request again is another call."""
        if not self._is_account():
            return 401, NOT_SIGNED_IN
        form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        code = self.provider.faults.refused_numbers.get(form.get("To", ""))
        code = code or _missing(form.get("To", ""), form.get("From", ""), form.get("Url", ""))
        if code:
            return 400, {"code": code, "message": "refused", "status": 400}
        name, _ = self.provider.ledger.take("call", "", to=form["To"], sender=form["From"], url=form["Url"])
        self.provider.calls.made(name, form)
        return 201, {"sid": name, "status": "queued", "to": form["To"]}

    def _pick_up(self, body: bytes) -> None:
        """Play the person who is called: {"id": ..., "keys": ["1"], "ends": "busy", "answered_by": "human"}."""
        try:
            given = json.loads(body)
            keys = [str(key) for key in given.get("keys", [])]
            ends, heard = str(given.get("ends", "completed")), str(given.get("answered_by", ""))
            answer = self.provider.calls.play(str(given["id"]), keys, ends, heard)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._answer(400, {"error": f"a JSON object with the id of a call: {error!r}"})
            return
        self._answer(200, answer)

    def _take_sms(self, body: bytes) -> tuple[int, dict[str, Any]]:
        provider = self.provider
        if not self._is_account():
            return 401, NOT_SIGNED_IN
        form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        to, sender = form.get("To", ""), form.get("From") or form.get("MessagingServiceSid", "")
        code = provider.faults.refused_numbers.get(to) or _missing(to, sender, form.get("Body", ""))
        if code:
            return 400, {"code": code, "message": "refused", "status": 400}
        name, known = provider.ledger.take(
            "sms",
            self.headers.get("Idempotency-Key", ""),
            honor_key=provider.faults.honor_keys,
            to=to,
            sender=sender,
            body=form["Body"],
        )
        if not known:
            provider.callbacks.plan(form.get("StatusCallback", ""), name, to, provider.number)
        return 201, {"sid": name, "status": "queued", "error_code": None, "to": to}

    def _take_other(self, body: bytes) -> tuple[int, dict[str, Any]]:
        kind = self.path.split("/")[1]
        key = next((self.headers[name] for name in KEY_HEADERS if self.headers.get(name)), "")
        name, _ = self.provider.ledger.take(
            kind,
            key,
            to=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body.decode(errors="replace"),
            body_base64=base64.b64encode(body).decode(),
        )
        return (201 if kind == "push" else 200), {"id": name}

    def _bring_reply(self, body: bytes) -> None:
        try:
            given = json.loads(body)
            form = {"From": str(given["from"]), "To": self.provider.number, "Body": str(given["body"])}
            form |= {"OptOutType": str(given["opt_out_type"])} if given.get("opt_out_type") else {}
            seed = f"{given.get('id', '')}" or f"{time.time_ns()}"
        except (ValueError, KeyError, TypeError) as error:
            self._answer(400, {"error": f"a JSON object with from and body: {error!r}"})
            return
        form["MessageSid"] = "SM" + hashlib.sha256(seed.encode()).hexdigest()[:32]
        status, answer = self.provider.callbacks.reply(given.get("url") or self.provider.reply_url, form)
        self._answer(200, {"status": status, "answer": answer})

    # --- Faults ---

    def _fails_before(self, fault: str) -> bool:
        """Fail without taking the message, if that is the fault; returns whether it failed."""
        faults = self.provider.faults
        if fault == "refuse_account":
            self._answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        elif fault == "error":
            self._answer(500, {"code": 20500, "status": 500})
        elif fault == "busy":
            self._answer(429, {"code": 20429, "status": 429}, {"Retry-After": str(faults.retry_after)})
        elif fault == "unavailable":
            self._answer(503, {"code": 20503, "status": 503})
        elif fault == "hang":
            time.sleep(faults.hang_seconds)
            self._reset()
        elif fault == "reset":
            self._reset()
        else:
            return False
        return True

    def _finish(self, fault: str, status: int, answer: dict[str, Any]) -> None:
        """Send the answer, or lose it, send it slowly or never end it, as the fault says."""
        if fault == "lost_answer":
            self._reset()
        elif fault == "slow":
            body = json.dumps(answer).encode()
            self._head(status, len(body), "application/json", {})
            for number in range(len(body)):
                self.wfile.write(body[number : number + 1])
                self.wfile.flush()
                time.sleep(self.provider.faults.slow_seconds / len(body))
        elif fault == "endless":
            self._never_end(status)
        else:
            self._answer(status, answer)

    def _never_end(self, status: int) -> None:
        """Send an answer without end, until the caller disconnects."""
        pause = self.provider.faults.endless_pause_seconds
        self.close_connection = True
        self.send_response(status)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"." if pause else b"." * MOST_BYTES)
                time.sleep(pause)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.close()

    # --- HTTP ---

    def _body(self) -> bytes:
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))

    def _answer(self, status: int, answer: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(answer).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(body), kind, headers or {})
        self.wfile.write(body)

    def _head(self, status: int, length: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the ledger has it all."""


def _missing(to: str, sender: str, body: str) -> int:
    """Return the provider's error code for a request that lacks something; 0 when it is complete."""
    if not to.startswith("+") or not to[1:].isdigit():
        return 21211
    return 21603 if not sender else 21602 if not body else 0
