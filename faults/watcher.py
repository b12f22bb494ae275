"""Looks, twice a second and straight at the rows, whether anybody still sweeps; never touched.

`python -m faults.watcher FOLDER ADDRESS`, with DATABASE_URL, until FOLDER/watcher.stop is there. In
FOLDER/watcher.jsonl: "sweeps" with the age of the newest complete sweep in seconds (none: the database could not
be reached) and what the watchdog shows on the board; "health" with what GET /health/ answered.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2

from faults.http import Door
from faults.ledger import Ledger

EVERY_SECONDS = 0.5
LOOK = """
    SELECT extract(epoch FROM clock_timestamp() - max(beat_at) FILTER (WHERE name LIKE 'tick:%')),
           extract(epoch FROM clock_timestamp() - max(beat_at) FILTER (WHERE name = 'watchdog')),
           max(detail::text) FILTER (WHERE name = 'watchdog')
    FROM alerts_processbeat
"""


class Eyes:
    """One line to the database, made anew when it breaks."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line: Any = None

    def look(self) -> dict[str, Any]:
        """How old the newest sweep and the watchdog's last round are, what is broken; empty without database."""
        try:
            if self._line is None:
                self._line = psycopg2.connect(self._url, connect_timeout=2)
                self._line.autocommit = True
            with self._line.cursor() as cursor:
                cursor.execute(LOOK)
                age, watchdog, detail = cursor.fetchone()
        except psycopg2.Error:
            self._line = None
            return {}
        broken = json.loads(detail)["broken"] if detail else []
        return {"age": _seconds(age), "watchdog": _seconds(watchdog), "broken": broken}


def _seconds(value: Any) -> float | None:
    return None if value is None else round(float(value), 2)


def _sweeps(eyes: Eyes, ledger: Ledger, stop: Path) -> None:
    while not stop.exists():
        began = time.time()
        ledger.write(what="sweeps", began=began, **eyes.look())
        time.sleep(max(0.0, began + EVERY_SECONDS - time.time()))


def _health(door: Door, ledger: Ledger, stop: Path) -> None:
    while not stop.exists():
        began = time.time()
        status, body = door.get("/health/")
        reasons = json.loads(body)["reasons"] if body.startswith("{") else []
        ledger.write(what="health", began=began, status=status, reasons=reasons)
        time.sleep(max(0.0, began + 2 * EVERY_SECONDS - time.time()))


def main(folder: Path, address: str) -> None:
    """Both looks, side by side: a page may take long when its process is gone."""
    ledger, stop = Ledger(folder / "watcher.jsonl"), folder / "watcher.stop"
    other = threading.Thread(target=_health, args=(Door(address, ""), ledger, stop))
    other.start()
    _sweeps(Eyes(os.environ["DATABASE_URL"]), ledger, stop)
    other.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
