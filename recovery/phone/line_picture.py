"""Values through the days as a small SVG drawing of one or two lines, without script or image file. PURE."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# The drawing, in its own units. The first line has dots, the second one squares.
WIDTH, HEIGHT = 328, 216
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 16, 40
DOT, SMALL_DOT, MANY = 6, 4, 14

Reading = tuple[datetime, float]


@dataclass(frozen=True)
class Spot:
    """One value: its place in the drawing, when it was told, and the value."""

    x: float
    y: float
    at: datetime
    value: float


@dataclass(frozen=True)
class LinePicture:
    """lines: the values of each, oldest first; grid: the marks at the side, with their heights."""

    lines: list[list[Spot]]
    grid: list[tuple[int, float]]
    first: datetime
    last: datetime
    dot: int

    @property
    def paths(self) -> list[str]:
        """Return the points of an SVG polyline for each line."""
        return [" ".join(f"{spot.x},{spot.y}" for spot in line) for line in self.lines]


def line_picture(lines: Sequence[Sequence[Reading]], marks: Sequence[int]) -> LinePicture | None:
    """Return the drawing of lines given oldest first; None when no line has two values.

    marks: the values named at the side. The lowest is the foot of the drawing and the highest its top; values
    beyond them are drawn there.
    """
    if max(map(len, lines), default=0) < 2:
        return None
    times = [at for line in lines for at, _ in line]
    first, last = min(times), max(times)
    low, high = min(marks), max(marks)
    drawn = [
        [Spot(_across(at, first, last), _up(value, low, high), at, value) for at, value in line] for line in lines
    ]
    dot = DOT if max(map(len, lines)) <= MANY else SMALL_DOT
    return LinePicture(drawn, [(mark, _up(mark, low, high)) for mark in marks], first, last, dot)


def _across(at: datetime, first: datetime, last: datetime) -> float:
    whole = (last - first).total_seconds() or 1.0
    return round(LEFT + (at - first).total_seconds() / whole * (WIDTH - LEFT - RIGHT), 1)


def _up(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)
