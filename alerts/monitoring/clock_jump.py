"""Does the database's clock go evenly? Compared with this machine's own count of seconds, which nobody sets."""

from dataclasses import dataclass
from datetime import datetime

# Less than this is how clocks are set right, or a machine that was busy.
JUMP_SECONDS = 5.0


@dataclass
class SteadyClock:
    """Remembers the last look: what the database said, and between which two counts it said so."""

    last: tuple[datetime, float, float] | None = None

    def look(self, now: datetime, asked_at: float, told_at: float) -> float:
        """By how many seconds the database's clock has jumped since the last look; 0 when it has not.

        now was read between the counts asked_at and told_at: a slow answer is not a jump.
        """
        last, self.last = self.last, (now, asked_at, told_at)
        if last is None:
            return 0.0
        went = (now - last[0]).total_seconds()
        least, most = asked_at - last[2], told_at - last[1]
        if least - JUMP_SECONDS <= went <= most + JUMP_SECONDS:
            return 0.0
        return went - (least + most) / 2
