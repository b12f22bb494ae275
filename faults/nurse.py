"""Simulated nurses: they learn of alerts only from the providers' ledgers, and answer through the real pages.

`python -m faults.nurse FOLDER ADDRESS SEED SECONDS` runs until FOLDER/nurses.stop exists. FOLDER/nurses.jsonl
records what they did. SECONDS: how long logs come in. A run never attacks this process.
"""

import json
import random
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.http import Door
from faults.ledger import Ledger, Reader

# An open row of the worklist, and the form that takes its alert.
OPEN_ROW = re.compile(r'<li class="row open .*?/desk/alerts/([0-9a-f-]{36})/acknowledge/', re.DOTALL)
CONTACT = {"level": "contacted", "note": "Spoke on the phone, plan given."}
OUTCOME = {"outcome": "advised", "note": "Advised, will call again.", "worth": "useful"}
# Of a hundred alerts: so many stay unanswered for longer than a step; so many are taken, and forgotten until the
# acknowledgement runs out.
IGNORED, FORGOTTEN = 10, 8
IGNORED_SECONDS = 75
CALLS = 3
# Seconds between two looks at the worklist without a new message: nine nurses who load it all the time would be
# most of a run's load.
LOOK_SECONDS = 2
# Alerts of the last seconds of a run are answered soon, or the run would end with a long wait; earlier alerts are
# neglected more often to make up for it.
CAREFUL_SECONDS = 55


def careless(seconds: float) -> float:
    """For how many seconds of a run nurses neglect alerts; 0 in a very short one."""
    return max(seconds - CAREFUL_SECONDS, seconds / 3) if seconds > CAREFUL_SECONDS else 0.0


def character(code: str, seed: int, share: float) -> tuple[float, bool]:
    """(seconds this alert waits once a nurse knows of it, whether the first nurse forgets it), by seed.

    share: the part of the run in which alerts are neglected; 0: this one is not.
    """
    rng = random.Random(f"{seed}{code}")
    dice = rng.random() * 100 * share
    ignored = share > 0 and dice < IGNORED
    forgotten = share > 0 and IGNORED <= dice < IGNORED + FORGOTTEN
    return (IGNORED_SECONDS if ignored else rng.uniform(0.5, 8)), forgotten


@dataclass
class Crew:
    """What all nurses share: when one of them first saw an alert, and which alerts one of them forgot."""

    seed: int
    seconds: float
    began: float = field(default_factory=time.monotonic)
    known: dict[str, float] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)

    def share(self, known: float) -> float:
        """The part of the run in which alerts are neglected; 0 for an alert that was first seen after it."""
        until = careless(self.seconds)
        return until / self.seconds if known - self.began < until else 0.0


class Nurse:
    """One nurse of a clinic; she shares a crew with her colleagues."""

    def __init__(self, folder: Path, address: str, who: dict[str, Any], crew: "Crew") -> None:
        self._folder, self._who, self._crew = folder, who, crew
        self._door = Door(address, who["session"])
        self._mail, self._texts = Reader(folder / "provider.jsonl"), Reader(folder / "texts.jsonl")
        self._did = Ledger(folder / "nurses.jsonl")

    def work(self) -> None:
        """Read messages, look at the worklist and answer alerts, until the run ends."""
        stop, look_at = self._folder / "nurses.stop", float("inf")
        while not stop.exists():
            told = any(self._who["email"] in line["to"] for line in self._mail.fresh())
            told |= any(self._who["number"] == line.get("to") for line in self._texts.fresh())
            if told or time.monotonic() >= look_at:
                # A message that came while she was busy is still a reason to look again.
                look_at = time.monotonic() + LOOK_SECONDS if self._look() else float("inf")
            time.sleep(0.5)

    def _look(self) -> bool:
        """Answer the alerts that have waited long enough; returns whether she must look again soon."""
        status, page = self._door.get("/desk/")
        if status != 200:
            return True
        codes = set(OPEN_ROW.findall(page))
        now = time.monotonic()
        for code in codes:
            self._crew.known.setdefault(code, now)
        for code in sorted(codes):
            known = self._crew.known[code]
            delay, forgets = character(code, self._crew.seed, self._crew.share(known))
            if now - known >= delay:
                self._answer(code, forgets)
        return bool(codes)

    def _answer(self, code: str, forgets: bool) -> None:
        if not self._post(code, "acknowledge", {}):
            return
        if forgets and code not in self._crew.forgotten:
            self._crew.forgotten.add(code)
            return
        for _ in range(CALLS):
            # A sign that came in during her call needs another call; an alert that a colleague closed does not.
            if not self._post(code, "contact", CONTACT) or self._post(code, "resolve", OUTCOME):
                return

    def _post(self, code: str, action: str, fields: dict[str, str]) -> bool:
        unsure = False
        for _ in range(20):
            status, _ = self._door.post_form(f"/desk/alerts/{code}/{action}/", fields)
            self._did.write(what=action, alert=code, staff=self._who["staff"], status=status)
            if status in (302, 422):
                # 422: a colleague was faster, or her own earlier post arrived and only its answer was lost.
                return status == 302 or unsure
            unsure = True
            time.sleep(0.5)
        return False


def main(folder: Path, address: str, seed: int, seconds: float) -> None:
    """Run all nurses until the run ends."""
    people, crew = json.loads((folder / "people.json").read_text())["nurses"], Crew(seed, seconds)
    threads = [threading.Thread(target=Nurse(folder, address, who, crew).work) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
