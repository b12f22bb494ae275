"""Plays the phone of a called person: asks our side what to say, presses keys, hangs up, and reports the end."""

import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from simulator.callbacks import Callbacks
from simulator.ledger import Ledger

# A call of ours asks few questions; more steps than this are a loop.
MOST_STEPS = 20


@dataclass
class Calls:
    """The calls that were made, by their id."""

    callbacks: Callbacks
    ledger: Ledger
    _made: dict[str, dict[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def made(self, name: str, form: dict[str, str]) -> None:
        """Keep a call until somebody plays it."""
        with self._lock:
            self._made.setdefault(name, form)

    def play(self, name: str, keys: list[str], ends: str, answered_by: str = "") -> dict[str, Any]:
        """Answer a call, press these keys, one for each question, and hang up. ends: busy and such: no answer.

        answered_by: what the provider hears, such as human or machine_start, when the call asked it to listen.
        Returns what was said, step by step, as our side's XML, with the status of each answer.
        """
        form = self._made[name]
        heard = {"AnsweredBy": answered_by} if answered_by and form.get("MachineDetection") else {}
        steps = self._talk(name, form, list(keys), heard) if ends == "completed" else []
        if form.get("StatusCallback"):
            end = {"CallSid": name, "CallStatus": ends, "To": form["To"], **heard}
            self.callbacks.post(form["StatusCallback"], end)
        return {"steps": steps}

    def _talk(
        self, name: str, form: dict[str, str], keys: list[str], heard: dict[str, str]
    ) -> list[dict[str, Any]]:
        url, said = form["Url"], list[dict[str, Any]]()
        posted = {"CallSid": name, "CallStatus": "in-progress", "From": form["From"], "To": form["To"]}
        posted |= heard
        for _ in range(MOST_STEPS):
            status, xml = self.callbacks.post(url, posted)
            said.append({"status": status, "xml": xml})
            gather = ElementTree.fromstring(xml).find("Gather") if status == 200 else None  # noqa: S314 (our own)
            if gather is None or not keys:
                break
            pressed = keys.pop(0)
            # an empty key: the person said nothing until the time was up
            posted = (
                {**posted, "Digits": pressed} if pressed else {k: v for k, v in posted.items() if k != "Digits"}
            )
            url = urljoin(url, gather.get("action", ""))
        self.ledger.note("talk", id=name, said=said)
        return said
