"""Ledgers: append-only files with one JSON object a line, which is on the disk before its writer goes on.

A fault run is judged by the ledgers of processes that it never attacks.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Ledger:
    """Appends lines; each is on the disk when `write` returns. at_once: return as soon as the kernel has it."""

    def __init__(self, place: Path, *, at_once: bool = False) -> None:
        self._file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._turn, self._at_once = threading.Lock(), at_once

    def write(self, **line: Any) -> None:
        """Append one line, with the time of this machine's clock (the database runs on the same machine)."""
        text = json.dumps({"at": time.time(), **line}) + "\n"
        with self._turn:
            os.write(self._file, text.encode())
            if not self._at_once:
                os.fdatasync(self._file)


class Reader:
    """Reads the lines that were added since its last look."""

    def __init__(self, place: Path) -> None:
        self._place, self._offset = place, 0

    def fresh(self) -> list[dict[str, Any]]:
        """The new whole lines; a half-written one is read next time."""
        if not self._place.exists():
            return []
        with self._place.open("rb") as file:
            file.seek(self._offset)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        return [json.loads(line) for line in whole.splitlines() if line]


def lines(place: Path) -> Iterator[dict[str, Any]]:
    """All lines of a ledger; none when the file does not exist."""
    yield from Reader(place).fresh()
