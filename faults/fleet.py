"""Simulated phones that are never attacked: each sends its logs until the server answers 2xx, and records them.

`python -m faults.fleet FOLDER ADDRESS LOGS SECONDS SEED`. FOLDER/phones.jsonl gets a line "sent" before the first
try, and "stored" with the server's answer after the last.
"""

import hashlib
import json
import random
import sys
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faults.envelopes import Pen, seal_up
from faults.http import Door
from faults.ledger import Ledger
from patients.tiers import CALL_911, CALL_DOCTOR_NOW

THREADS = 24
URGENT_SHARE = 0.15
CANARY = "canary-phi-7391"
CALM: dict[str, Any] = {
    "em_gate": "none",
    "nerve_gate": "none",
    "site_gate": "none",
    "fever_feel": "no",
    "pain_move": 2,
    "pain_rest": 1,
    "pain_site": 1,
    "site_pain_change": "less",
    "back_change": "better",
    "walk_level": "house",
    "mobility_change": "same",
    "activities": ["rest"],
    "pain_meds": ["none"],
}
BREATHLESS = {"em_gate": "some", "em_breath": "some"}
CHEST = {"em_gate": "some", "em_chest_pain": "yes"}
NUMB = {"nerve_gate": "some", "numb": "yes", "numb_where": ["legs"], "numb_change": "new"}
URGENT: tuple[tuple[dict[str, Any], str], ...] = (
    (BREATHLESS, CALL_911),
    (CHEST, CALL_911),
    (NUMB, CALL_DOCTOR_NOW),
    (NUMB, CALL_DOCTOR_NOW),
)
# Faults of phones and networks: how many of a hundred logs meet each.
DOUBLE, RESENT, CUT, OTHER_BODY, CLOCK_WRONG, SWAPPED = 5, 20, 2, 1, 6, 5
# How many of a hundred urgent logs are sent sealed while their person is signed out, and then again signed in.
SEALED = 40


def words_hash(answers: dict[str, Any]) -> str:
    """The SHA-256 of the answers, whatever the order of their keys; the stored log must have the same."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


def plan(people: list[dict[str, Any]], logs: int, seconds: float, seed: int) -> list[dict[str, Any]]:
    """Every log of the run in the order of its time; the same seed makes the same plan."""
    rng = random.Random(seed)
    urgent = set(rng.sample(range(logs), round(logs * URGENT_SHARE)))
    made = [_log(rng, people, seconds * number / logs, number in urgent) for number in range(logs)]
    for number in range(1, logs):
        if rng.random() * 100 < SWAPPED:
            made[number - 1]["at"], made[number]["at"] = made[number]["at"], made[number - 1]["at"]
    return sorted(made, key=lambda log: float(log["at"]))


def _log(rng: random.Random, people: list[dict[str, Any]], at: float, urgent: bool) -> dict[str, Any]:
    signs, tier = rng.choice(URGENT) if urgent else ({}, "")
    answers = {**CALM, "notes": f"{CANARY} {rng.randrange(10**9)}", **signs}
    dice = {name: rng.random() * 100 < share for name, share in _SHARES.items()}
    off = timedelta(days=rng.choice((-3, 3))) if dice["clock"] else timedelta()
    return {
        "at": at,
        "who": rng.choice(people),
        "client_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "answers": answers,
        "tier": tier,
        "off": off.total_seconds(),
        "dice": dice,
    }


_SHARES = {
    "double": DOUBLE,
    "resent": RESENT,
    "cut": CUT,
    "other": OTHER_BODY,
    "clock": CLOCK_WRONG,
    "sealed": SEALED,
}


class Phone:
    """Sends the logs of the plan. Everything it does is fixed by the plan, except how long it waits."""

    def __init__(self, address: str, ledger: Ledger) -> None:
        self._address, self._ledger = address, ledger

    def send(self, log: dict[str, Any]) -> None:
        """Send one log, with the faults that the plan gives it."""
        door, dice = Door(self._address, log["who"]["session"]), log["dice"]
        body = self._body(log, log["client_id"], log["answers"])
        self._ledger.write(
            what="sent",
            client_id=log["client_id"],
            patient=log["who"]["patient"],
            words=words_hash(log["answers"]),
            tier=log["tier"],
        )
        if dice["sealed"] and log["tier"]:
            self._by_envelope(door, log, body)
        if dice["cut"]:
            door.post_json("/api/logs/", body, send_only=len(body) // 2)
        if dice["double"]:
            twin = threading.Thread(target=self._until_stored, args=(door, log, body))
            twin.start()
            self._until_stored(door, log, body)
            twin.join()
        else:
            self._until_stored(door, log, body)
        if dice["resent"]:
            self._until_stored(door, log, body)
        if dice["other"]:
            self._other(door, log)

    def _by_envelope(self, door: Door, log: dict[str, Any], body: bytes) -> None:
        """Post the log as a sealed envelope until the server has it, opened or not."""
        who = log["who"]
        meant = json.dumps({**json.loads(body), "about": who["about"]}).encode()
        envelope = seal_up(meant, log["client_id"], who["about"], **who["seal"])
        posted = json.dumps(Pen(**who["pen"]).signed(log["client_id"], who["about"], envelope)).encode()
        self._until(door, "/api/sealed-logs/", log, posted, (200, 201, 202))

    def _other(self, door: Door, log: dict[str, Any]) -> None:
        """Send other words under the same id: the server must keep both."""
        answers = {**log["answers"], "notes": f"{CANARY} other {log['client_id'][:8]}"}
        self._ledger.write(
            what="sent",
            client_id=log["client_id"],
            patient=log["who"]["patient"],
            words=words_hash(answers),
            tier=log["tier"],
        )
        again = {**log, "answers": answers}
        self._until_stored(door, again, self._body(log, log["client_id"], answers))

    def _body(self, log: dict[str, Any], client_id: str, answers: dict[str, Any]) -> bytes:
        at = datetime.now(UTC) + timedelta(seconds=log["off"])
        return json.dumps({"client_id": client_id, "answers": answers, "answered_at": at.isoformat()}).encode()

    def _until_stored(self, door: Door, log: dict[str, Any], body: bytes) -> None:
        status, text, tries, seconds = self._until(door, "/api/logs/", log, body, (200, 201))
        answer = json.loads(text)
        self._ledger.write(
            what="stored",
            client_id=log["client_id"],
            words=words_hash(log["answers"]),
            status=status,
            tries=tries,
            seconds=seconds,
            tier=answer["tier"],
            code=answer["code"],
        )

    def _until(
        self, door: Door, path: str, log: dict[str, Any], body: bytes, taken: tuple[int, ...]
    ) -> tuple[int, str, int, float]:
        """Post until it is taken; returns status, body, the number of tries and the seconds the last one took."""
        tries, wait = 0, 0.3
        while True:
            tries += 1
            began = time.monotonic()
            status, text = door.post_json(path, body)
            seconds = time.monotonic() - began
            if status in taken:
                return status, text, tries, seconds
            self._ledger.write(what="refused", client_id=log["client_id"], status=status, seconds=seconds)
            time.sleep(wait)
            wait = min(wait * 1.6, 2.5)


def main(folder: Path, address: str, logs: int, seconds: float, seed: int) -> None:
    """Send the whole plan on time; returns when every log is stored."""
    people = json.loads((folder / "people.json").read_text())["phones"]
    waiting = plan(people, logs, seconds, seed)
    phone = Phone(address, Ledger(folder / "phones.jsonl"))
    start, turn = time.monotonic(), threading.Lock()

    def work() -> None:
        while True:
            with turn:
                if not waiting:
                    return
                log = waiting.pop(0)
            time.sleep(max(0.0, start + float(log["at"]) - time.monotonic()))
            phone.send(log)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
