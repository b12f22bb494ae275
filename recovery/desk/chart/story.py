"""PURE: a recovery in a few sentences for staff: pain, fever, walking, and how alerts were answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.desk.chart.reading import WALK_WORDS, Reading
from recovery.desk.desk_words import for_how_long

DAY = timedelta(days=1)
# A rise of this many points above the lowest pain is said; the same as the rule book's smallest rise.
RISE = 2


@dataclass(frozen=True)
class Sentence:
    """One sentence. strong: it says what got worse or was dangerous."""

    words: str
    strong: bool = False


@dataclass(frozen=True)
class Answered:
    """One alert that is over: its tier in words, and when staff first spoke with the patient, if they did."""

    tier: str
    opened_at: datetime
    reached_at: datetime | None


def story(
    readings: Sequence[Reading], earlier: Sequence[Answered], ended: datetime, now: datetime, fever_f: float
) -> list[Sentence]:
    """Return the sentences. readings: oldest first; earlier: alerts that are over, oldest first."""
    found = [Sentence(f"Day {max((now - ended) // DAY, 0)}.")]
    found += _pain(readings, ended)
    found += _fever(readings, ended, fever_f)
    found += _walking(readings, now)
    found += _earlier(earlier, ended)
    return found


def _pain(readings: Sequence[Reading], ended: datetime) -> Iterator[Sentence]:
    told = [(one.at, one.pains[0]) for one in readings]
    values = [(at, pain) for at, pain in told if pain is not None]
    if not values:
        return
    (_, first), (_, last) = values[0], values[-1]
    lowest_at, lowest = min(values, key=lambda one: (one[1], one[0]))
    if len(values) == 1:
        yield Sentence(f"Pain when moving is {last} in the only log.")
    elif last - lowest >= RISE and lowest < first:
        fell = f"Pain when moving fell from {first} to {lowest} by {_day(lowest_at, ended)}"
        yield Sentence(f"{fell}, then rose to {last}.", True)
    elif last - first >= RISE:
        yield Sentence(f"Pain when moving rose from {first} to {last}.", True)
    elif last < first:
        yield Sentence(f"Pain when moving fell from {first} to {last}.")
    else:
        yield Sentence(f"Pain when moving is {last}, {first} at first.")


def _fever(readings: Sequence[Reading], ended: datetime, fever_f: float) -> Iterator[Sentence]:
    hot = [(one.at, one.temp_f) for one in readings if one.temp_f is not None and one.temp_f >= fever_f]
    if len(hot) == 1:
        yield Sentence(f"One fever, {hot[0][1]:g} °F, on {_day(hot[0][0], ended)}.", True)
    elif hot:
        days = {(at - ended) // DAY for at, _ in hot}
        on = f"on {len(days)} days" if len(days) > 1 else f"in {len(hot)} logs of {_day(hot[0][0], ended)}"
        yield Sentence(f"Fever {on}, highest {max(value for _, value in hot):g} °F.", True)


def _walking(readings: Sequence[Reading], now: datetime) -> Iterator[Sentence]:
    walked = [(one.at, one.walk) for one in readings if one.walk is not None]
    if not walked:
        return
    at, level = walked[-1]
    farthest = max(walk for _, walk in walked)
    before = "" if farthest <= level else f"; before that {WALK_WORDS[farthest]}"
    when = "In the last log" if now - at < 2 * DAY else f"{(now - at) // DAY} days ago"
    yield Sentence(f"{when} the patient {_walk_words(level)}{before}.")


def _walk_words(level: int) -> str:
    return WALK_WORDS[level] if level == 0 else f"walked {WALK_WORDS[level]}"


def _earlier(earlier: Sequence[Answered], ended: datetime) -> Iterator[Sentence]:
    if not earlier:
        return
    last = earlier[-1]
    about = f"{last.tier} on {_day(last.opened_at, ended)}"
    reached = "closed without a call"
    if last.reached_at:
        reached = f"reached in {for_how_long(last.reached_at - last.opened_at)}"
    if len(earlier) == 1:
        yield Sentence(f"One earlier alert: {about}, {reached}.")
    else:
        yield Sentence(f"{len(earlier)} earlier alerts, the last {about}, {reached}.")


def _day(at: datetime, ended: datetime) -> str:
    return f"day {max((at - ended) // DAY, 0)}"
