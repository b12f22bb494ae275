"""Writes every message that was taken to disk before it is answered: one JSON object on each line."""

import hashlib
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

# How the provider's ids begin, by kind of message.
SIDS = {"sms": "SM", "call": "CA"}


class Ledger:
    """A file of lines that are only ever added. It continues an existing file."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.seed = path, seed
        self._lock = threading.Lock()
        self._lines = self.read()
        self._by_key = {line["key"]: line["id"] for line in self._lines if line.get("key") and line.get("id")}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            self._file.write("\n")  # a crash cut the last line short

    def take(self, kind: str, key: str, *, honor_key: bool = True, **what: Any) -> tuple[str, bool]:
        """Write a message; returns its id, and whether its key was already known."""
        with self._lock:
            known = self._by_key.get(key) if key and honor_key else None
            name = known or self._new_id(kind)
            self._write({"kind": kind, "id": name, "key": key, "repeat": bool(key in self._by_key), **what})
            if key:
                self._by_key.setdefault(key, name)
        return name, known is not None

    def note(self, kind: str, **what: Any) -> None:
        """Write something else that happened: a receipt that arrived, a reply, a fault."""
        with self._lock:
            self._write({"kind": kind, **what})

    def read(self) -> list[dict[str, Any]]:
        """Return all lines so far, without a line that a crash cut short."""
        lines = []
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    lines.append(json.loads(line))
                except ValueError:
                    continue
        return lines

    def _new_id(self, kind: str) -> str:
        digest = hashlib.sha256(f"{self.seed}:{len(self._lines)}:{kind}".encode()).hexdigest()[:32]
        return f"{SIDS.get(kind, '')}{digest}"

    def _write(self, line: dict[str, Any]) -> None:
        line = {"at": time.time(), **line}
        self._lines.append(line)
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
