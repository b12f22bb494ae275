"""Sends far more logs than the product can take, from phones that retry as ours do.

`python -m faults.overload FOLDER ADDRESS SEED SECONDS`. It measures how many logs a second the product can take,
then sends five times as many for SECONDS. After that, phones keep their calm logs and go on with the urgent ones.
FOLDER/phones.jsonl records the outcome of each log (faults.fleet), also "kept" and "lost". FOLDER/overload.jsonl
records "capacity", "began", "ended", the pages a reader asked for ("page"), and the urgent logs taken ("urgent").
"""

import asyncio
import json
import random
import sys
import time
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from faults.fleet import CALM, CANARY, URGENT, words_hash
from faults.http import CSRF
from faults.ledger import Ledger

TIMES, AFTER_SECONDS, MEASURE_SECONDS = 5, 60.0, 12.0
AT_ONCE, URGENT_SHARE, ANSWER_SECONDS, PAGE_SECONDS = 12, 0.15, 15.0, 0.5
# The waits before retries, as in static/js/offline.js; a test compares them.
AGAIN_SECONDS = {True: (2, 3, 5, 10, 30, 60), False: (5, 15, 60, 300)}


@dataclass
class Phones:
    """All phones, with the ledgers in which they record what happened."""

    address: str
    people: Sequence[dict[str, Any]]
    rng: random.Random
    phones: Ledger
    load: Ledger
    # The tasks that send logs, and whether each log is urgent.
    tasks: dict["asyncio.Task[None]", bool] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, session: str, body: bytes = b"", *, first: bool = False
    ) -> tuple[int, bytes]:
        """Status (0 when the connection broke or no answer came in time) and body."""
        place = urlsplit(self.address)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {place.netloc}",
            f"Cookie: sessionid={session}; csrftoken={CSRF}",
            f"X-CSRFToken: {CSRF}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(["Priority: u=0"] if first else []),
        ]
        head = "\r\n".join([*lines, "", ""])
        # Each phone has an address of its own.
        own = f"127.0.{1 + zlib.crc32(session.encode()) % 250}.{1 + self.rng.randrange(250)}"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", place.port, local_addr=(own, 0))
                try:
                    writer.write(head.encode() + body)
                    told, _, text = (await reader.read()).partition(b"\r\n\r\n")
                    return int(told.split()[1]), text
                finally:
                    writer.close()
        except (OSError, TimeoutError, IndexError):
            return 0, b""

    async def log(self, *, urgent: bool) -> None:
        """Send one log until it is taken. A calm one may stay on its phone."""
        who = self.rng.choice(self.people)
        signs, tier = self.rng.choice(URGENT) if urgent else ({}, "")
        answers = {**CALM, "notes": f"{CANARY} {self.rng.getrandbits(60)}", **signs}
        words = words_hash(answers)
        client_id = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        body = json.dumps({"client_id": client_id, "answers": answers, "phone_tier": tier or None}).encode()
        known = {"client_id": client_id, "words": words, "tier": tier}
        self.phones.write(what="sent", patient=who["patient"], **known)
        began = time.time()
        try:
            tries = await self._until_taken(known, who["session"], body)
        except asyncio.CancelledError:
            self.phones.write(what="lost" if urgent else "kept", **known)
            return
        if urgent:
            self.load.write(what="urgent", began=began, seconds=time.time() - began, tries=tries)

    async def _until_taken(self, known: dict[str, str], session: str, body: bytes) -> int:
        urgent, tries = bool(known["tier"]), 0
        waits = AGAIN_SECONDS[urgent]
        while True:
            asked = time.time()
            status, text = await self.ask("POST", "/api/logs/", session, body, first=urgent)
            seconds, tries = time.time() - asked, tries + 1
            if status in (200, 201):
                told = json.loads(text)
                more = {"status": status, "tries": tries, "seconds": seconds, "code": told["code"]}
                self.phones.write(what="stored", **{**known, "tier": told["tier"]}, **more)
                return tries
            self.phones.write(what="refused", client_id=known["client_id"], status=status, seconds=seconds)
            await asyncio.sleep(waits[min(tries, len(waits)) - 1] * self.rng.uniform(0.8, 1.2))

    def start(self, *, urgent: bool) -> None:
        """Start to send a log beside all others."""
        task = asyncio.create_task(self.log(urgent=urgent))
        self.tasks[task] = urgent
        task.add_done_callback(self.tasks.pop)

    async def read(self) -> None:
        """Ask for a patient's Today and for /health/, again and again."""
        session = self.people[0]["session"]
        while True:
            for path in ("/today/", "/health/"):
                began = time.time()
                status, _ = await self.ask("GET", path, session)
                self.load.write(what="page", path=path, began=began, status=status, seconds=time.time() - began)
            await asyncio.sleep(PAGE_SECONDS)


async def _capacity(phones: Phones) -> float:
    """How many calm logs a second the product takes when each phone waits for its answer."""
    began, taken = time.monotonic(), 0

    async def one_after_the_other() -> None:
        nonlocal taken
        while time.monotonic() - began < MEASURE_SECONDS:
            await phones.log(urgent=False)
            taken += 1

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return taken / (time.monotonic() - began)


async def _run(phones: Phones, seconds: float) -> None:
    capacity = await _capacity(phones)
    phones.load.write(what="capacity", logs_a_second=capacity)
    reader = asyncio.create_task(phones.read())
    began, sent, offered = time.monotonic(), 0, capacity * TIMES
    phones.load.write(what="began")
    while (since := time.monotonic() - began) < seconds:
        for _ in range(int(since * offered) - sent):
            phones.start(urgent=phones.rng.random() < URGENT_SHARE)
            sent += 1
        await asyncio.sleep(0.01)
    phones.load.write(what="ended", sent=sent)
    await _give_up([task for task, urgent in phones.tasks.items() if not urgent])
    await asyncio.sleep(AFTER_SECONDS)
    await _give_up([reader, *phones.tasks])


async def _give_up(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main(folder: Path, address: str, seed: int, seconds: float) -> None:
    """Run the overload and write both ledgers."""
    people = json.loads((folder / "people.json").read_text())["phones"]
    phones, load = (Ledger(folder / name, at_once=True) for name in ("phones.jsonl", "overload.jsonl"))
    asyncio.run(_run(Phones(address, people, random.Random(seed), phones, load), seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
