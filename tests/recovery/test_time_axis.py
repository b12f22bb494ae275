"""The chart's time axis: everything stands inside the drawing, and no words stand on others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from recovery.desk.chart.reading import Event, Reading
from recovery.desk.chart.time_axis import (
    LEFT,
    LETTER,
    LINE_HEIGHT,
    NAMES_WIDE,
    NO_LOG,
    PAIN_FOOT,
    PAIN_TOP,
    RIGHT,
    Axis,
    axis,
    frame,
)
from recovery.triage.expected import Expected

ENDED = datetime(2026, 3, 2, 15, tzinfo=UTC)
DAY = timedelta(days=1)
KNOWN = Expected(pain_most=4, pain_from_hours=48.0, fever_f=100.4)
SCORE = st.none() | st.integers(0, 10)
READING = st.builds(
    Reading,
    at=st.floats(0, 60).map(lambda days: ENDED + days * DAY),
    pains=st.tuples(SCORE, SCORE, SCORE),
    back=SCORE,
    temp_f=st.none() | st.floats(90, 115),
    walk=st.none() | st.integers(0, 3),
    medicine=st.frozensets(st.sampled_from(["acetaminophen", "opioid", "opioid_acetaminophen", "none"])),
)
EVENT = st.builds(
    Event,
    at=st.floats(-5, 90).map(lambda days: ENDED + days * DAY),
    words=st.sampled_from(["Procedure", "Call your doctor now", "Watch", "Visit", "Contact"]),
    colour=st.sampled_from(["", "cnow", "gap"]),
)


def drawn(
    readings: list[Reading],
    events: Sequence[Event] = (),
    *,
    day: float = 9,
    whole: bool = False,
    baseline: int | None = 8,
    watched_since: datetime = ENDED,
) -> Axis:
    now = ENDED + day * DAY
    found = axis(
        readings,
        events,
        frame(ENDED, now, whole=whole),
        baseline=baseline,
        expected=KNOWN,
        watched_since=watched_since,
    )
    assert found
    return found


def reading(day: float, pain: int = 3, **more: object) -> Reading:
    plain: dict[str, object] = {"back": pain, "temp_f": None, "walk": None, "medicine": frozenset(), **more}
    return Reading(at=ENDED + day * DAY, pains=(pain, pain, pain), **plain)  # type: ignore[arg-type]


@given(st.lists(READING, min_size=1, max_size=20), st.lists(EVENT, max_size=20), st.floats(0, 90), st.booleans())
def test_everything_stands_inside_and_apart(
    readings: list[Reading], events: list[Event], day: float, whole: bool
) -> None:
    readings.sort(key=lambda one: one.at)
    events.sort(key=lambda one: one.at)
    found = drawn(readings, events, day=day, whole=whole)
    for line in found.pain:
        assert all(LEFT <= x <= RIGHT and PAIN_TOP <= y <= PAIN_FOOT for x, y in line.points)
    heights = sorted(line.label_y for line in found.pain)
    assert all(low - high >= LINE_HEIGHT - 0.2 for high, low in pairwise(heights))
    assert all(PAIN_TOP - 20 <= y <= PAIN_FOOT + 8 for y in heights)
    assert all(LEFT <= x <= RIGHT for x in (*found.opioids, *found.acetaminophen, found.now_x))
    labels = sorted(span(mark.x, mark.label, mark.anchor) for mark in found.marks if mark.label)
    assert all(left_end < right_start for (_, left_end), (right_start, _) in pairwise(labels))
    days = [x for _, x in found.days]
    assert all(right - left >= 30 for left, right in pairwise(days))


def span(x: float, words: str, anchor: str) -> tuple[float, float]:
    width = len(words) * LETTER
    return (x, x + width) if anchor == "start" else (x - width / 2, x + width / 2)


def test_there_is_room_right_of_now_for_the_last_values() -> None:
    for day in (0.2, 9, 40):
        assert drawn([reading(day / 2)], day=day).now_x < RIGHT - 100


def test_a_long_recovery_shows_three_weeks_and_says_that_it_is_cut() -> None:
    told = [reading(1), reading(39)]
    short, whole = drawn(told, day=40), drawn(told, day=40, whole=True)
    assert short.cut
    assert len(short.pain[0].points) == 1
    assert not whole.cut
    assert len(whole.pain[0].points) == 2


def test_days_without_a_log_are_marked_once_they_are_over_and_were_watched() -> None:
    told = [reading(0.5), reading(4.5)]
    assert len(drawn(told, day=6.5).gaps) == 4
    assert [words for _, words in drawn(told, day=6.5).gaps] == ["", "no log", "", ""]
    assert len(drawn(told, day=6.5, watched_since=ENDED + 2.2 * DAY).gaps) == 2


def test_no_words_stand_on_one_another_or_on_the_names_of_the_lines() -> None:
    told = [reading(day + 0.5) for day in range(21) if day % 2]
    words = [x for x, words in drawn(told, day=24.5).gaps if words]
    assert words
    assert all(after - before > len(NO_LOG) * LETTER for before, after in zip(words, words[1:], strict=False))
    silent = drawn([reading(0.5)], day=12.5)
    [named] = [x for x, words in silent.gaps if words]
    assert named > silent.pain[0].points[-1][0] + NAMES_WIDE


def test_the_band_is_the_pain_before_then_what_counts_as_low() -> None:
    with_before, without = drawn([reading(1)]), drawn([reading(1)], baseline=None)
    assert with_before.band.count("M") == 2
    assert without.band.count("M") == 1
    assert with_before.base_y == 54.0


def test_the_farthest_walk_of_a_day_counts() -> None:
    told = [reading(1.1, walk=3), reading(1.6, walk=1)]
    (block,) = drawn(told).walks
    assert block.level == 3


def test_no_log_is_no_drawing() -> None:
    shown = frame(ENDED, ENDED + DAY, whole=False)
    assert axis([], [], shown, baseline=8, expected=KNOWN, watched_since=ENDED) is None
