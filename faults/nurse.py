"""Nurses who are never touched: told by the providers' ledgers alone, they answer through the real pages.

`python -m faults.nurse FOLDER ADDRESS SEED`, until FOLDER/nurses.stop is there. What they did is in
FOLDER/nurses.jsonl.
"""

import json
import random
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

from faults.http import Door
from faults.ledger import Ledger, Reader

# An open row of the worklist, and the form that takes its alert.
OPEN_ROW = re.compile(r'<li class="work-row open .*?/desk/alerts/([0-9a-f-]{36})/acknowledge/', re.DOTALL)
CONTACT = {"level": "contacted", "note": "Spoke on the phone, plan given."}
OUTCOME = {"outcome": "advised", "note": "Advised, will call again.", "worth": "useful"}
# Of a hundred alerts: nobody looks for more than a step; taken and then forgotten until it runs out.
IGNORED, FORGOTTEN = 10, 8
IGNORED_SECONDS = 75


def character(code: str, seed: int) -> tuple[float, bool]:
    """How long this alert waits for a nurse once she knows of it, and whether the first one forgets it."""
    rng = random.Random(f"{seed}{code}")
    ignored, forgotten = rng.random() * 100 < IGNORED, rng.random() * 100 < FORGOTTEN
    return (IGNORED_SECONDS if ignored else rng.uniform(0.5, 8)), forgotten


class Nurse:
    """One nurse of a clinic; her colleagues share what she forgot."""

    def __init__(self, folder: Path, address: str, who: dict[str, Any], seed: int, forgotten: set[str]) -> None:
        self._folder, self._seed, self._who, self._forgotten = folder, seed, who, forgotten
        self._door = Door(address, who["session"])
        self._mail, self._texts = Reader(folder / "provider.jsonl"), Reader(folder / "texts.jsonl")
        self._did = Ledger(folder / "nurses.jsonl")
        self._known: dict[str, float] = {}

    def work(self) -> None:
        """Until the run ends: mail, worklist, and what is due on it."""
        stop, told = self._folder / "nurses.stop", False
        while not stop.exists():
            told |= any(self._who["email"] in line["to"] for line in self._mail.fresh())
            told |= any(self._who["number"] == line.get("to") for line in self._texts.fresh())
            # A message that came while she was busy is still a reason to look again.
            if told:
                told = self._look()
            time.sleep(0.5)

    def _look(self) -> bool:
        """Answer what has waited long enough; whether something is left that she knows of."""
        status, page = self._door.get("/desk/")
        if status != 200:
            return True
        codes = set(OPEN_ROW.findall(page))
        now = time.monotonic()
        for code in codes:
            self._known.setdefault(code, now)
        for code in sorted(codes):
            delay, forgets = character(code, self._seed)
            if now - self._known[code] >= delay:
                self._answer(code, forgets)
        return bool(codes)

    def _answer(self, code: str, forgets: bool) -> None:
        if not self._post(code, "acknowledge", {}):
            return
        if forgets and code not in self._forgotten:
            self._forgotten.add(code)
            return
        if self._post(code, "contact", CONTACT):
            self._post(code, "resolve", OUTCOME)

    def _post(self, code: str, action: str, fields: dict[str, str]) -> bool:
        for _ in range(20):
            status, _ = self._door.post_form(f"/desk/alerts/{code}/{action}/", fields)
            self._did.write(what=action, alert=code, staff=self._who["staff"], status=status)
            if status in (302, 422):  # 422: a colleague was faster
                return status == 302
            time.sleep(0.5)
        return False


def main(folder: Path, address: str, seed: int) -> None:
    """All nurses at work."""
    people = json.loads((folder / "people.json").read_text())["nurses"]
    forgotten: set[str] = set()
    threads = [threading.Thread(target=Nurse(folder, address, who, seed, forgotten).work) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
