"""Pain over time as SVG lines (moving, resting, needle spot) and as a table, without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recovery.models import DailyLog

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 92, 14, 30
LINES = (("pain_move", "Moving", "move"), ("pain_rest", "Resting", "rest"), ("pain_site", "Needle spot", "site"))
MOST_DAY_MARKS = 8


@dataclass(frozen=True)
class PainLine:
    """One kind of pain: its points, and the place of its name (names do not overlap)."""

    name: str
    css: str
    points: list[tuple[float, float]]
    label_y: float

    @property
    def path(self) -> str:
        """Return the points of an SVG polyline."""
        return " ".join(f"{x},{y}" for x, y in self.points)


@dataclass(frozen=True)
class PainDrawing:
    """lines; heights of 0, 5 and 10; days under the drawing; the rows of the table, newest first."""

    lines: list[PainLine]
    scores: list[tuple[int, float]]
    days: list[tuple[int, float]]
    table: list[tuple[datetime, list[int | None]]]
    words: str


def drawing(logs: Sequence[DailyLog], ended_at: datetime) -> PainDrawing | None:
    """Return the drawing of logs given newest first; None when fewer than two have a pain value."""
    rows = [(log.happened_at, [log.answers.get(name) for name, _, _ in LINES]) for log in logs]
    rows = [(at, values) for at, values in rows if any(value is not None for value in values)]
    # Sort by time: with a wrong phone clock the time of arrival counts, which may differ from the list's order.
    rows.sort(key=lambda row: row[0], reverse=True)
    if len(rows) < 2:
        return None
    start, end = rows[-1][0], rows[0][0]
    seconds = max((end - start).total_seconds(), 1.0)

    def x(at: datetime) -> float:
        return round(LEFT + (at - start).total_seconds() / seconds * (WIDTH - LEFT - RIGHT), 1)

    lines = [
        PainLine(name, css, [(x(at), y(values[n])) for at, values in reversed(rows) if values[n] is not None], 0.0)
        for n, (_, name, css) in enumerate(LINES)
    ]
    return PainDrawing(
        lines=_apart([line for line in lines if line.points]),
        scores=[(score, y(score)) for score in (0, 5, 10)],
        days=_days(start, end, ended_at),
        table=rows,
        words=_words(rows),
    )


def y(pain: float) -> float:
    """Return the y coordinate of a pain value: 0 at the bottom line, 10 at the top."""
    return round(HEIGHT - BOTTOM - pain / 10 * (HEIGHT - TOP - BOTTOM), 1)


def _apart(lines: list[PainLine]) -> list[PainLine]:
    """Place each name at the end of its line, and move it down when the name above is too near."""
    placed: list[PainLine] = []
    for line in sorted(lines, key=lambda line: line.points[-1][1]):
        wanted = line.points[-1][1]
        label_y = max(wanted, placed[-1].label_y + 16) if placed else wanted
        placed.append(PainLine(line.name, line.css, line.points, label_y))
    overflow = max(0.0, placed[-1].label_y - (HEIGHT - 6)) if placed else 0.0
    return [PainLine(line.name, line.css, line.points, line.label_y - overflow) for line in placed]


def _days(start: datetime, end: datetime, ended_at: datetime) -> list[tuple[int, float]]:
    first, last = ((at - ended_at).days for at in (start, end))
    step = max((last - first) // MOST_DAY_MARKS + 1, 1)
    span = max((end - start).total_seconds(), 1.0)
    found = []
    for day in range(first, last + 1, step):
        moment = (ended_at - start).total_seconds() + day * 86400
        # The first log's day began before the log, where the line has not begun yet.
        if moment < 0 and day + step <= last:
            continue
        moment = max(moment, 0.0)
        found.append((day, round(LEFT + min(moment / span, 1.0) * (WIDTH - LEFT - RIGHT), 1)))
    return found


def _words(rows: list[tuple[datetime, list[int | None]]]) -> str:
    """Return a sentence for each line: Moving: 6 at first, 2 in the last log. Resting: ..."""
    parts = []
    for n, (_, name, _) in enumerate(LINES):
        values = [values[n] for _, values in reversed(rows) if values[n] is not None]
        if values:
            parts.append(f"{name}: {values[0]} at first, {values[-1]} in the last log.")
    return " ".join(parts)
