"""PURE: the places of lines, bars and words in the drawings of the figures page, which templates show as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, LEFT = 720, 34
TOP, FLOOR = 28, 168
GAP = 0.4
PAIN_HEIGHT, PAIN_TOP, PAIN_FLOOR = 260, 26, 216
SHARE_HEIGHT, SHARE_TOP, SHARE_FLOOR = 162, 12, 112


@dataclass(frozen=True)
class Dot:
    """One day of the pain picture: its name, how many answered, their list, and the quartiles of their pain."""

    name: str
    n: int
    href: str
    low: float | None
    middle: float | None
    high: float | None


@dataclass(frozen=True)
class PlacedDot:
    """A dot with its place: x, the heights of quartiles and median."""

    dot: Dot
    x: float
    low: float
    middle: float
    high: float

    @property
    def whisker(self) -> str:
        """The path of the line from the lower to the upper quartile."""
        return f"M{self.x} {self.low}V{self.high}"


@dataclass(frozen=True)
class PainPicture:
    """dots from left to right; line: their polyline; band: top of the rule book's area and where it begins."""

    dots: list[PlacedDot]
    line: str
    names: list[tuple[float, Dot]]
    scores: list[tuple[int, float]]
    band: tuple[float, float, float, float] | None
    width: int = WIDTH
    height: int = PAIN_HEIGHT


@dataclass(frozen=True)
class Stack:
    """The bar of one week: parts as (css class, y, height), where the count stands, and its words and list."""

    x: float
    middle: float
    parts: list[tuple[str, float, float]]
    top: float
    count: int
    words: str
    href: str
    label: str


@dataclass(frozen=True)
class WeekPicture:
    """The bars of all weeks, the width of one, and the heights of the lines with their values."""

    stacks: list[Stack]
    bar: float
    scores: list[tuple[int, float]]
    width: int = WIDTH
    height: int = FLOOR + 28


@dataclass(frozen=True)
class SharePicture:
    """Bars of percentages: (label, x, y, height); the width of one."""

    bars: list[tuple[int, float, float, float]]
    bar: float
    scores: list[tuple[int, float]]
    width: int = WIDTH
    height: int = SHARE_HEIGHT


def pain_picture(dots: Sequence[Dot], line: float | None) -> PainPicture:
    """Place the quartiles of pain by day. line: the highest pain that counts as greatly reduced, from day 2 on."""
    step = (WIDTH - LEFT - 40) / max(len(dots) - 1, 1)
    at = [round(LEFT + 30 + n * step * 0.95, 1) for n in range(len(dots))]
    placed = [
        PlacedDot(dot, x, _pain(dot.low), _pain(dot.middle), _pain(dot.high))
        for x, dot in zip(at, dots, strict=True)
        if dot.middle is not None and dot.low is not None and dot.high is not None
    ]
    band = None
    if line is not None and len(at) > 1:
        begin, top = round(at[1] - 0.4 * step, 1), _pain(line)
        band = (begin, top, round(WIDTH - begin, 1), round(PAIN_FLOOR - top, 1))
    return PainPicture(
        dots=placed,
        line=" ".join(f"{dot.x},{dot.middle}" for dot in placed),
        names=list(zip(at, dots, strict=True)),
        scores=[(score, _pain(score)) for score in (0, 5, 10)],
        band=band,
    )


def _pain(pain: float | None) -> float:
    return round(PAIN_FLOOR - (pain or 0) / 10 * (PAIN_FLOOR - PAIN_TOP), 1)


def week_picture(weeks: Sequence[tuple[str, str, str, Mapping[str, int]]]) -> WeekPicture:
    """Place a bar for each week, given as (label, words, list, count by css class from the bottom up)."""
    most = max((sum(counts.values()) for *_, counts in weeks), default=0)
    scale = _nice(most)
    step = (WIDTH - LEFT) / max(len(weeks), 1)
    bar = round(step * (1 - GAP), 1)
    return WeekPicture(
        stacks=[_stack(n, week, step, bar, scale) for n, week in enumerate(weeks)],
        bar=bar,
        scores=[(value, _height(value, scale)) for value in (0, scale // 2, scale)],
    )


def _stack(n: int, week: tuple[str, str, str, Mapping[str, int]], step: float, bar: float, scale: int) -> Stack:
    label, words, href, counts = week
    x, floor = round(LEFT + n * step + step * GAP / 2, 1), 0
    parts = []
    for css, count in counts.items():
        if count:
            top, bottom = _height(floor + count, scale), _height(floor, scale)
            parts.append((css, top, round(bottom - top, 1)))
        floor += count
    return Stack(x, round(x + bar / 2, 1), parts, _height(floor, scale) - 5, floor, words, href, label)


def _height(value: float, scale: int) -> float:
    return round(FLOOR - value / scale * (FLOOR - TOP), 1)


def _nice(most: int) -> int:
    """The smallest even number of a simple scale that holds the highest bar."""
    return next((top for top in (4, 10, 20, 40, 60, 100, 200, 400, 1000) if top >= most), most + most % 2)


def share_picture(shares: Sequence[tuple[int, float]]) -> SharePicture:
    """Place a bar for each day, given as (day, percent)."""
    step = (WIDTH - LEFT) / max(len(shares), 1)
    bar = round(step * (1 - GAP), 1)

    def height(value: float) -> float:
        return round(SHARE_FLOOR - value / 100 * (SHARE_FLOOR - SHARE_TOP), 1)

    bars = [
        (day, round(LEFT + n * step + step * GAP / 2, 1), height(value), round(SHARE_FLOOR - height(value), 1))
        for n, (day, value) in enumerate(shares)
    ]
    return SharePicture(bars, bar, [(value, height(value)) for value in (0, 50, 100)])
