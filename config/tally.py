"""PURE: limits how many lines one visitor may cause in an hour, so that a flood fills neither trail nor log."""

import threading
from dataclasses import dataclass, field

HOUR_SECONDS = 3600.0
# Keys beyond this number are counted together.
MOST_KEYS = 10_000
REST = "everybody else"


@dataclass
class Tally:
    """The counts of one process. Each key has its own hour, which begins with its first line."""

    per_hour: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _began: dict[str, tuple[float, int]] = field(default_factory=dict)

    def left(self, key: str, now: float) -> int:
        """Count a line; returns how many this key had left before it: 1 means its last, 0 none. now: seconds."""
        with self._lock:
            began, count = self._began.get(key, (now, 0))
            if key not in self._began and len(self._began) >= MOST_KEYS:
                self._began = {name: one for name, one in self._began.items() if now - one[0] < HOUR_SECONDS}
                if len(self._began) >= MOST_KEYS:
                    key = REST
                    began, count = self._began.get(key, (now, 0))
            if now - began >= HOUR_SECONDS:
                began, count = now, 0
            self._began[key] = (began, count + 1)
            return max(self.per_hour - count, 0)
