"""Which promises are broken right now, for the red strip above the worklist."""

import time
from datetime import datetime

from alerts.lifecycle.selectors import WATCHDOG
from alerts.models import ProcessBeat
from alerts.monitoring.promises.system import WATCHDOG_SILENT

# The answer is kept this long in each process: fifty open boards do not ask fifty times.
KEPT_SECONDS = 5.0


class _Kept:
    """The last answer and when it was given."""

    def __init__(self) -> None:
        self.asked_at = float("-inf")
        self.beat: ProcessBeat | None = None

    def newest(self) -> ProcessBeat | None:
        """The watchdog's last round."""
        if time.monotonic() - self.asked_at > KEPT_SECONDS:
            self.beat = ProcessBeat.objects.filter(name=WATCHDOG).first()
            self.asked_at = time.monotonic()
        return self.beat


_kept = _Kept()


def broken_now(now: datetime) -> list[str]:
    """What the watchdog found, or that it has fallen silent itself; empty when all is well."""
    beat = _kept.newest()
    if beat is None:
        return []
    if abs(now - beat.beat_at) > WATCHDOG_SILENT:
        return [
            "The watchdog is silent. Do not rely on messages: look at this list yourself, and tell your manager."
        ]
    return list(beat.detail.get("broken", []))
