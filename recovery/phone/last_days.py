"""Pain and walking of the last days as small pictures beside their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.models import DailyLog
from recovery.wording.log_words import back_pain

DAYS = 7
WALKS = ("none", "room", "house", "outside")
# The drawing, in its own units: 328 wide, pain 0 to 10 on 56 of height.
WIDTH, TOP, HEIGHT, EDGE = 328, 10, 56, 34


@dataclass(frozen=True)
class SmallPicture:
    """points: the places of the line, oldest first; first and last: the values at its ends."""

    points: list[tuple[float, float]]
    first: int
    last: int

    @property
    def path(self) -> str:
        """Return the points of an SVG polyline."""
        return " ".join(f"{x},{y}" for x, y in self.points)


def last_days(logs: Sequence[DailyLog], now: datetime) -> list[DailyLog]:
    """Return the logs of the last seven days, oldest first."""
    return [log for log in reversed(logs) if now - log.happened_at <= timedelta(days=DAYS)]


def pain_picture(logs: Sequence[DailyLog]) -> SmallPicture | None:
    """Return the line of back pain, 0 to 10, given oldest first; None with fewer than two values."""
    pains = [pain for log in logs if (pain := back_pain(log.answers)) is not None]
    if len(pains) < 2:
        return None
    step = (WIDTH - 2 * EDGE) / (len(pains) - 1)
    points = [
        (round(EDGE + step * place, 1), TOP + HEIGHT - pain * HEIGHT / 10) for place, pain in enumerate(pains)
    ]
    return SmallPicture(points, pains[0], pains[-1])


def walked(logs: Sequence[DailyLog]) -> list[tuple[str, int]]:
    """Return how far each log walked, oldest first: the answer and how many of three bars it fills."""
    found = [str(level) for log in logs if (level := log.answers.get("walk_level")) in WALKS]
    return [(level, WALKS.index(level)) for level in found]
