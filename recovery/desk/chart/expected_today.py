"""PURE: what is expected of a recovery on this day, beside what the last log says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.desk.chart.reading import Reading
from recovery.triage.expected import Expected


@dataclass(frozen=True)
class Beside:
    """One row: what is expected, what was seen in the last log, and whether these differ."""

    what: str
    expected: str
    seen: str
    off: bool


def beside(
    last: Reading, before: Reading | None, ended: datetime, baseline: int | None, expected: Expected
) -> list[Beside]:
    """Return the rows that the last log has an answer for. before: the log before it, for what changed."""
    return [*_temperature(last, expected), *_pain(last, before, ended, baseline, expected)]


def _temperature(last: Reading, expected: Expected) -> Iterator[Beside]:
    if last.temp_f is not None:
        seen = f"{last.temp_f:g} °F"
        yield Beside("Temperature", f"under {expected.fever_f:g} °F", seen, last.temp_f >= expected.fever_f)


def _pain(
    last: Reading, before: Reading | None, ended: datetime, baseline: int | None, expected: Expected
) -> Iterator[Beside]:
    if last.back is None:
        return
    seen = f"{last.back} of 10"
    if before and before.back is not None:
        seen += f", {before.back} in the log before"
    if last.at - ended >= timedelta(hours=expected.pain_from_hours):
        than = f", {baseline} before the procedure" if baseline is not None else ""
        words = f"{expected.pain_most} or less{than}"
        yield Beside("Back pain", words, seen, last.back > expected.pain_most)
    else:
        words = f"no limit before {expected.pain_from_hours:g} h; then {expected.pain_most} or less"
        yield Beside("Back pain", words, seen, False)
