"""PURE: back pain of a patient in a row of the worklist: now, yesterday and before, and as a small line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WIDTH, HEIGHT, DAYS = 92, 28, 14
# The highest pain of the scale, and the room a dot needs at the edge.
MOST, EDGE = 10, 3
Points = Sequence[tuple[datetime, int]]


@dataclass(frozen=True)
class Spark:
    """The line of the last 14 days.

    points: "x,y x,y" of the line. base: height of the pain before the procedure, None when it is not known.
    x, y: the last log. last: its pain. words: the same for a screen reader.
    """

    points: str
    base: float | None
    x: float
    y: float
    last: int
    words: str


def pain_words(pain: Points, before: int | None, now: datetime, zone: ZoneInfo) -> str:
    """Return words such as "Pain 5, yesterday 2, before 8"; "" when nobody asked or answered."""
    if not pain:
        return ""
    at, last = pain[-1]
    today = at.astimezone(zone).date() == now.astimezone(zone).date()
    words = [f"Pain {last}" if today else f"Last pain {last}"]
    day_before = at.astimezone(zone).date() - timedelta(days=1)
    earlier = [value for moment, value in pain if moment.astimezone(zone).date() == day_before]
    if earlier:
        words.append(f"{'yesterday' if today else 'the day before'} {earlier[-1]}")
    if before is not None:
        words.append(f"before {before}")
    return ", ".join(words)


def spark(pain: Points, before: int | None, now: datetime) -> Spark | None:
    """Return the line; None without a pain of the last 14 days."""
    start = now - timedelta(days=DAYS)
    shown = [(_x(at - start), _y(value), value) for at, value in pain if at >= start]
    if not shown:
        return None
    x, y, last = shown[-1]
    said = f"Back pain of the last {DAYS} days: {', '.join(str(value) for _, _, value in shown)}"
    was = "" if before is None else f"; {before} before the procedure"
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in shown)
    return Spark(
        line, None if before is None else round(_y(before), 1), round(x, 1), round(y, 1), last, said + was
    )


def _x(since: timedelta) -> float:
    part = min(since / timedelta(days=DAYS), 1.0)
    return EDGE + part * (WIDTH - 2 * EDGE)


def _y(pain: int) -> float:
    return EDGE + (MOST - pain) / MOST * (HEIGHT - 2 * EDGE)
