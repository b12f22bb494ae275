"""Back pain over time as a sentence and a small SVG drawing, without script or image file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 38, 12, 14, 38
SCORES = range(0, 11, 2)
MCID = 2  # the smallest change of pain that patients notice (clinical rules, pain_mcid)

Reading = tuple[datetime, int]


@dataclass(frozen=True)
class Point:
    """One reading: its place in the drawing and its label."""

    x: float
    y: float
    at: datetime
    pain: int


@dataclass(frozen=True)
class PainChart:
    """points oldest first; lines are the heights of 0, 2, ... 10; words is the trend in one sentence."""

    points: list[Point]
    lines: list[tuple[int, float]]
    words: str

    @property
    def path(self) -> str:
        """Return the points of an SVG polyline."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def pain_chart(readings: Sequence[Reading], helped: str = "") -> PainChart | None:
    """Return the chart of readings given oldest first; None with fewer than two."""
    if len(readings) < 2:
        return None
    start, end = readings[0][0], readings[-1][0]
    seconds = (end - start).total_seconds() or 1.0
    points = [
        Point(
            round(LEFT + (at - start).total_seconds() / seconds * (WIDTH - LEFT - RIGHT), 1),
            height(pain),
            at,
            pain,
        )
        for at, pain in readings
    ]
    return PainChart(points, [(score, height(score)) for score in SCORES], trend(readings, helped))


def height(pain: int) -> float:
    """Return the y coordinate of a pain value: 0 at the bottom line, 10 at the top."""
    return round(HEIGHT - BOTTOM - pain / 10 * (HEIGHT - TOP - BOTTOM), 1)


def trend(readings: Sequence[Reading], helped: str = "") -> str:
    """Return one sentence that compares the newest reading with the first, without a judgement.

    helped: the first name of the patient when a helper reads, else empty.
    """
    first, last = readings[0][1], readings[-1][1]
    if last <= first - MCID:
        here = _("Your back pain went down, from {first} to {last}.")
        there = _("{name}’s back pain went down, from {first} to {last}.")
    elif last >= first + MCID:
        here = _("Your back pain went up, from {first} to {last}. If this is new, tell us in a log now.")
        there = _("{name}’s back pain went up, from {first} to {last}. If this is new, tell us in a log now.")
    else:
        here = _("Your back pain is about the same: {first} at first, {last} in your last log.")
        there = _("{name}’s back pain is about the same: {first} at first, {last} in the last log.")
    return (there if helped else here).format(name=helped, first=first, last=last)
