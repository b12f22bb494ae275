"""PURE: the chart's one time axis as an SVG drawing: pain, temperature, walking, medicine and events, by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from recovery.desk.chart.reading import PAINS, Event, Reading
from recovery.triage.expected import Expected

DAY = timedelta(days=1)
# The drawing, in its own units. Names stand left of LEFT, what a line means right of RIGHT.
WIDTH, HEIGHT, LEFT, RIGHT = 840, 382, 92, 748
PAIN_TOP, PAIN_FOOT = 26, 166
TEMP_TOP, TEMP_FOOT, COLDEST_F, HOTTEST_F = 184, 226, 96.0, 104.0
WALK_FOOT, WALK_HEIGHTS = 258, (2, 5, 10, 16)
LINE_HEIGHT, LETTER, WIDEST_BLOCK = 15, 7.2, 41
# The widest name at the end of a line, such as "10 needle spot".
NAMES_WIDE = 14 * LETTER
NO_LOG = "no log"
MOST_DAY_MARKS, TODAY_ROOM = 15, 34
# A long recovery shows its last days; the whole of it is one link away.
SHOWN, AT_LEAST = 21 * DAY, 14 * DAY
# Room right of now for the words at the ends of the lines.
AHEAD = 0.2


@dataclass(frozen=True)
class Line:
    """One line of values. label_y: the height of its last value and name, apart from those of other lines."""

    name: str
    css: str
    points: list[tuple[float, float]]
    last: float
    label_y: float = 0.0

    @property
    def path(self) -> str:
        """Return the points of an SVG polyline."""
        return " ".join(f"{x},{y}" for x, y in self.points)


@dataclass(frozen=True)
class Block:
    """How far somebody walked on one day. level: 0 to 3."""

    x: float
    y: float
    width: float
    height: float
    level: int


@dataclass(frozen=True)
class Mark:
    """One event. label: its words where they have room, else empty: its title and the table have them."""

    x: float
    event: Event
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Axis:
    """All that the drawing shows, in its units. cut: older days are left out."""

    pain: list[Line]
    temperature: Line | None
    walks: list[Block]
    opioids: list[float]
    acetaminophen: list[float]
    marks: list[Mark]
    days: list[tuple[int, float]]
    gaps: list[tuple[float, str]]
    now_x: float
    band: str
    base_y: float | None
    fever_y: float
    cut: bool
    scores: list[tuple[int, float]] = field(default_factory=lambda: [(n, pain_y(n)) for n in (0, 5, 10)])


@dataclass(frozen=True)
class Frame:
    """The days the drawing shows: from start to end; day 0 begins when the procedure ended."""

    ended: datetime
    start: datetime
    end: datetime
    now: datetime

    def x(self, at: datetime) -> float:
        """Return the x coordinate of a moment, within the drawing."""
        share = (at - self.start) / (self.end - self.start)
        return round(LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT), 1)

    def holds(self, at: datetime) -> bool:
        """Return whether the drawing shows this moment."""
        return self.start <= at <= self.end


def frame(ended: datetime, now: datetime, *, whole: bool) -> Frame:
    """Return the days to show: the whole recovery, or the last three weeks of a longer one."""
    so_far = max(now - ended, DAY)
    first = ended if whole or so_far <= SHOWN else ended + ((so_far - SHOWN) // DAY) * DAY
    return Frame(ended, first, max(first + AT_LEAST, now + AHEAD * (now - first)), now)


def axis(
    readings: Sequence[Reading],
    events: Sequence[Event],
    shown: Frame,
    *,
    baseline: int | None,
    expected: Expected,
    watched_since: datetime,
) -> Axis | None:
    """Return the drawing; None before the first log. watched_since: days before it have no missing log."""
    if not readings:
        return None
    seen = [one for one in readings if shown.holds(one.at)]
    return Axis(
        pain=_apart([line for n in range(len(PAINS)) if (line := _pain_line(seen, shown, n))]),
        temperature=_temperature(seen, shown),
        walks=_walks(seen, shown),
        opioids=[shown.x(one.at) for one in seen if one.opioid],
        acetaminophen=[shown.x(one.at) for one in seen if one.acetaminophen],
        marks=_marks([one for one in events if shown.holds(one.at)], shown),
        days=_days(shown),
        gaps=_gaps(readings, shown, watched_since),
        now_x=shown.x(shown.now),
        band=_band(shown, baseline, expected),
        base_y=None if baseline is None else pain_y(baseline),
        fever_y=temp_y(expected.fever_f),
        cut=shown.start > shown.ended,
    )


def pain_y(pain: float) -> float:
    """Return the y coordinate of pain 0 (at the foot) to 10 (on top)."""
    return round(PAIN_FOOT - pain / 10 * (PAIN_FOOT - PAIN_TOP), 1)


def temp_y(fahrenheit: float) -> float:
    """Return the y coordinate of a temperature; beyond the lane it stands at its edge."""
    share = (fahrenheit - COLDEST_F) / (HOTTEST_F - COLDEST_F)
    return round(TEMP_FOOT - min(max(share, 0.0), 1.0) * (TEMP_FOOT - TEMP_TOP), 1)


def _pain_line(seen: Sequence[Reading], shown: Frame, n: int) -> Line | None:
    _, name, css = PAINS[n]
    values = [(shown.x(one.at), pain) for one in seen if (pain := one.pains[n]) is not None]
    points = [(x, pain_y(pain)) for x, pain in values]
    return Line(name, css, points, values[-1][1]) if values else None


def _temperature(seen: Sequence[Reading], shown: Frame) -> Line | None:
    values = [(shown.x(one.at), one.temp_f) for one in seen if one.temp_f is not None]
    points = [(x, temp_y(value)) for x, value in values]
    return Line("temperature", "thin", points, values[-1][1], points[-1][1]) if values else None


def _walks(seen: Sequence[Reading], shown: Frame) -> list[Block]:
    """Return one block for each day with an answer: the farthest walk of that day."""
    farthest: dict[int, int] = {}
    for one in seen:
        if one.walk is not None:
            day = (one.at - shown.ended) // DAY
            farthest[day] = max(farthest.get(day, 0), one.walk)
    width = round(min(WIDEST_BLOCK, 0.88 * (shown.x(shown.start + DAY) - LEFT)), 1)
    return [
        Block(shown.x(shown.ended + day * DAY), WALK_FOOT - WALK_HEIGHTS[walk], width, WALK_HEIGHTS[walk], walk)
        for day, walk in farthest.items()
    ]


def _marks(events: Sequence[Event], shown: Frame) -> list[Mark]:
    """Return the events; what needs a look is labelled first, then the others where there is room."""
    order = sorted(range(len(events)), key=lambda n: (not events[n].colour, n))
    taken: list[tuple[float, float]] = []
    labels = {}
    for n in order:
        middle, half = shown.x(events[n].at), len(events[n].words) * LETTER / 2
        middle = max(middle, LEFT + half)
        if all(middle + half < low or middle - half > high for low, high in taken):
            taken.append((middle - half - LETTER, middle + half + LETTER))
            labels[n] = events[n].words
    return [_mark(one, labels.get(n, ""), shown) for n, one in enumerate(events)]


def _mark(event: Event, label: str, shown: Frame) -> Mark:
    x = shown.x(event.at)
    at_the_edge = x - len(label) * LETTER / 2 < LEFT
    return Mark(x, event, label, "start" if at_the_edge else "middle")


def _days(shown: Frame) -> list[tuple[int, float]]:
    """Return the numbers of days under the drawing, none where "today" stands."""
    first, last = (shown.start - shown.ended) // DAY, (shown.end - shown.ended) // DAY
    step = -(-(last - first + 1) // MOST_DAY_MARKS)
    marks = [(day, shown.x(shown.ended + day * DAY)) for day in range(first, last + 1, step)]
    return [(day, x) for day, x in marks if abs(x - shown.x(shown.now)) > TODAY_ROOM]


def _gaps(readings: Sequence[Reading], shown: Frame, since: datetime) -> list[tuple[float, str]]:
    """Return the days without a log that are over, with words once for each run of them where there is room."""
    logged = {(one.at - shown.ended) // DAY for one in readings}
    first = max((shown.start - shown.ended) // DAY, (since - shown.ended) // DAY + 1, 0)
    missing = [day for day in range(first, (shown.now - shown.ended) // DAY) if day not in logged]
    places = {day: shown.x(shown.ended + (day + 0.5) * DAY) for day in missing}
    named = _where_named(missing, places, shown.x(readings[-1].at))
    return [(x, NO_LOG if day in named else "") for day, x in places.items()]


def _where_named(missing: Sequence[int], places: Mapping[int, float], last_log: float) -> set[int]:
    """Return one day of each run of missing days, clear of the words before it and of the names of the lines."""
    half, named, end = len(NO_LOG) * LETTER / 2, set(), 0.0
    for _, days in groupby(enumerate(missing), lambda pair: pair[1] - pair[0]):
        run = [day for _, day in days]
        for day in (run[len(run) // 2], run[-1]):
            x = places[day]
            if x - half > end and not last_log - half < x < last_log + NAMES_WIDE + half:
                named.add(day)
                end = x + half
                break
    return named


def _band(shown: Frame, baseline: int | None, expected: Expected) -> str:
    """Return the SVG path of the pain that is expected: first up to that before the procedure, then low."""
    turn = shown.x(shown.ended + timedelta(hours=expected.pain_from_hours))
    low, early = pain_y(expected.pain_most), ""
    if baseline is not None and turn > LEFT:
        early = f"M{LEFT} {pain_y(baseline)}H{turn}V{PAIN_FOOT}H{LEFT}Z"
    return f"{early}M{turn} {low}H{RIGHT}V{PAIN_FOOT}H{turn}Z"


def _apart(lines: list[Line]) -> list[Line]:
    """Place each name at the end of its line and above its height, and lower when the name above is too near."""
    placed: list[Line] = []
    for line in sorted(lines, key=lambda line: line.points[-1][1]):
        wanted = line.points[-1][1] - 4
        label_y = max(wanted, placed[-1].label_y + LINE_HEIGHT) if placed else wanted
        placed.append(replace(line, label_y=label_y))
    overflow = max(0.0, placed[-1].label_y - (PAIN_FOOT + 8)) if placed else 0.0
    return [replace(line, label_y=round(line.label_y - overflow, 1)) for line in placed]
