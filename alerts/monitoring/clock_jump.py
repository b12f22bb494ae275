"""Detect jumps of the database's clock by comparing it with this machine's monotonic clock."""

from dataclasses import dataclass
from datetime import datetime

# Smaller differences come from ordinary clock correction or from a busy machine.
JUMP_SECONDS = 5.0


@dataclass
class SteadyClock:
    """Remembers the last look: the database's time, and the monotonic seconds before and after the question."""

    last: tuple[datetime, float, float] | None = None

    def look(self, now: datetime, asked_at: float, told_at: float) -> float:
        """The seconds by which the database's clock jumped since the last look; 0 when it did not.

        asked_at, told_at: monotonic seconds before and after now was read, so that a slow answer is not a jump.
        """
        last, self.last = self.last, (now, asked_at, told_at)
        if last is None:
            return 0.0
        went = (now - last[0]).total_seconds()
        least, most = asked_at - last[2], told_at - last[1]
        if least - JUMP_SECONDS <= went <= most + JUMP_SECONDS:
            return 0.0
        return went - (least + most) / 2
