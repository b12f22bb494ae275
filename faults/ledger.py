"""Files that only ever grow, one JSON object a line, on the disk before anybody goes on.

What a fault run is judged by is written by processes that the run never touches.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Ledger:
    """Append lines; each is on the disk when `write` returns. At once: it is enough that the kernel has it."""

    def __init__(self, place: Path, *, at_once: bool = False) -> None:
        self._file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._turn, self._at_once = threading.Lock(), at_once

    def write(self, **line: Any) -> None:
        """One line, with the time of this machine's clock (which the database's is too)."""
        text = json.dumps({"at": time.time(), **line}) + "\n"
        with self._turn:
            os.write(self._file, text.encode())
            if not self._at_once:
                os.fdatasync(self._file)


class Reader:
    """The lines that came since the last look."""

    def __init__(self, place: Path) -> None:
        self._place, self._offset = place, 0

    def fresh(self) -> list[dict[str, Any]]:
        """Whole lines only; half of one is read next time."""
        if not self._place.exists():
            return []
        with self._place.open("rb") as file:
            file.seek(self._offset)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        return [json.loads(line) for line in whole.splitlines() if line]


def lines(place: Path) -> Iterator[dict[str, Any]]:
    """All of it."""
    yield from Reader(place).fresh()
