"""PURE: how many lines an hour somebody may cause. A flood must fill neither the trail nor the log."""

import threading
from dataclasses import dataclass, field

HOUR_SECONDS = 3600.0
# More strangers than this at once are counted together.
MOST_KEYS = 10_000
REST = "everybody else"


@dataclass
class Tally:
    """For one process. Each key has its own hour, which begins with its first line."""

    per_hour: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _began: dict[str, tuple[float, int]] = field(default_factory=dict)

    def left(self, key: str, now: float) -> int:
        """How many lines this key had left before this one: 1 is its last of the hour, 0 is none. now: seconds."""
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
