"""The promises that are broken now, for the red strip above the worklist."""

import time
from datetime import datetime

from alerts.lifecycle.selectors import WATCHDOG
from alerts.models import ProcessBeat
from alerts.monitoring.promises.system import WATCHDOG_SILENT

# Each process caches the answer this long, so that fifty open boards do not query fifty times.
KEPT_SECONDS = 5.0


class _Kept:
    """The cached answer and its time."""

    def __init__(self) -> None:
        self.asked_at = float("-inf")
        self.beat: ProcessBeat | None = None

    def newest(self) -> ProcessBeat | None:
        """Return the watchdog's last round."""
        if time.monotonic() - self.asked_at > KEPT_SECONDS:
            self.beat = ProcessBeat.objects.filter(name=WATCHDOG).first()
            self.asked_at = time.monotonic()
        return self.beat


_kept = _Kept()


def broken_now(now: datetime) -> list[str]:
    """Return the broken promises, or that the watchdog itself has stopped; empty when all is well."""
    beat = _kept.newest()
    if beat is None:
        return []
    if abs(now - beat.beat_at) > WATCHDOG_SILENT:
        return [
            "The watchdog is silent. Do not rely on messages: look at this list yourself, and tell your manager."
        ]
    return list(beat.detail.get("broken", []))
