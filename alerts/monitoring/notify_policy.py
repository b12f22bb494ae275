"""When people are told of broken promises: at once when new, again while they last, once when all are kept."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from alerts.monitoring import second_route

AGAIN_SECONDS = 900.0
# When no route took the message, it is tried again after this long.
RETRY_SECONDS = 60.0
# Trouble is over only after no promise was broken for this long, so trouble that comes and goes counts once.
STEADY_SECONDS = 60.0

log_lines = logging.getLogger(__name__)
Tell = Callable[..., bool]


@dataclass
class Teller:
    """Tells people of broken promises. It compares their keys, so a growing count is no new trouble."""

    message: str = "staff_watchdog"
    over: str = "staff_watchdog_over"
    again_seconds: float = AGAIN_SECONDS
    everybody: bool = True
    tell: Tell = second_route.tell
    told: set[str] = field(default_factory=set)
    told_at: float = float("-inf")
    well_since: float | None = None
    turn: int = 0

    def look(self, broken: Mapping[str, str]) -> None:
        """Tell what is new or due again. broken: the words of each broken promise, by key."""
        clock = time.monotonic()
        if not broken:
            self._all_well(clock)
            return
        self.well_since = None
        if broken.keys() <= self.told and clock - self.told_at <= self.again_seconds:
            return
        log_lines.error("broken promises: %s", "; ".join(broken.values()))
        # The key names a section of docs/runbook.md.
        lines = [f"{key}: {broken[key]}" for key in self._in_turn(broken)]
        took = self.tell(self.message, lines, everybody=self.everybody)
        self.told |= broken.keys()
        self.told_at = clock if took else clock - self.again_seconds + RETRY_SECONDS

    def _in_turn(self, broken: Mapping[str, str]) -> list[str]:
        """The keys to tell, new ones first. A text names only the first key, so each repeat starts at another."""
        new = [key for key in broken if key not in self.told]
        known = [key for key in broken if key in self.told]
        self.turn = 0 if new else self.turn + 1
        start = self.turn % len(known) if known else 0
        return [*new, *known[start:], *known[:start]]

    def _all_well(self, clock: float) -> None:
        if not self.told:
            return
        self.well_since = clock if self.well_since is None else self.well_since
        if clock - self.well_since >= STEADY_SECONDS:
            log_lines.warning("all promises are kept again")
            self.tell(self.over, [], everybody=self.everybody)
            self.told, self.told_at, self.well_since = set(), float("-inf"), None
