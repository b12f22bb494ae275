"""Reads from the rows, twice a second, how old the newest sweep is. A run never attacks this process.

`python -m faults.watcher FOLDER ADDRESS`, with DATABASE_URL, runs until FOLDER/watcher.stop exists. It writes to
FOLDER/watcher.jsonl: "sweeps" with the age of the newest complete sweep in seconds (missing when the database
could not be reached) and the promises that the watchdog reports as broken; "health" with the answer of /health/.
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
    """One connection to the database, opened again when it breaks."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line: Any = None

    def look(self) -> dict[str, Any]:
        """Ages of the newest sweep and watchdog round, and broken promises; empty without a database."""
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
    """Watch sweeps and /health/ in two threads, because a page may take long when its process is down."""
    ledger, stop = Ledger(folder / "watcher.jsonl"), folder / "watcher.stop"
    other = threading.Thread(target=_health, args=(Door(address, ""), ledger, stop))
    other.start()
    _sweeps(Eyes(os.environ["DATABASE_URL"]), ledger, stop)
    other.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
