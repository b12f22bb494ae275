"""A recovery in sentences: true to its numbers, and short."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from recovery.desk.chart.expected_today import beside
from recovery.desk.chart.reading import Reading
from recovery.desk.chart.story import Answered, story
from recovery.triage.expected import Expected

ENDED = datetime(2026, 3, 2, 15, tzinfo=UTC)
DAY = timedelta(days=1)
KNOWN = Expected(pain_most=4, pain_from_hours=48.0, fever_f=100.4)


def reading(day: float, pain: int | None = 3, temp_f: float | None = None, walk: int | None = None) -> Reading:
    return Reading(ENDED + day * DAY, (pain, None, None), pain, temp_f, walk, frozenset())


def told(readings: list[Reading], earlier: Sequence[Answered] = (), *, day: float = 9) -> str:
    sentences = story(readings, earlier, ENDED, ENDED + day * DAY, KNOWN.fever_f)
    return " ".join(one.words for one in sentences)


@pytest.mark.parametrize(
    ("pains", "words"),
    [
        ((7, 5, 3), "Pain when moving fell from 7 to 3."),
        ((7, 2, 5), "Pain when moving fell from 7 to 2 by day 2, then rose to 5."),
        ((3, 4, 6), "Pain when moving rose from 3 to 6."),
        ((4, 5, 4), "Pain when moving is 4, 4 at first."),
        ((4,), "Pain when moving is 4 in the only log."),
        ((None,), "Day 9."),
    ],
)
def test_pain_is_told_as_it_went(pains: tuple[int | None, ...], words: str) -> None:
    assert words in told([reading(day, pain) for day, pain in enumerate(pains, 1)])


def test_only_what_got_worse_is_strong() -> None:
    def strong(*pains: int) -> list[bool]:
        sentences = story([reading(n, pain) for n, pain in enumerate(pains)], [], ENDED, ENDED + 9 * DAY, 100.4)
        return [one.strong for one in sentences if one.words.startswith("Pain")]

    assert (strong(7, 3), strong(7, 2, 5), strong(3, 6)) == ([False], [True], [True])


def test_fever_is_told_with_its_day_and_its_height() -> None:
    assert "One fever, 101.2 °F, on day 4." in told([reading(4.2, temp_f=101.2), reading(5, temp_f=99)])
    two_days = [reading(4, temp_f=101.2), reading(5, temp_f=102)]
    assert "Fever on 2 days, highest 102 °F." in told(two_days)
    assert "Fever in 2 logs of day 4, highest 102 °F." in told(
        [reading(4.1, temp_f=102), reading(4.5, temp_f=101)]
    )


def test_walking_says_when_it_was_farther_before() -> None:
    walked = [reading(7, walk=3), reading(8.5, walk=2)]
    assert "In the last log the patient walked in the house; before that out of the house." in told(walked)
    assert "5 days ago the patient did not walk." in told([reading(4, walk=0)])


def test_earlier_alerts_are_counted_with_how_soon_the_last_was_reached() -> None:
    opened = ENDED + 4 * DAY
    quick = Answered("watch", opened, opened + timedelta(minutes=6))
    assert "One earlier alert: watch on day 4, reached in 6 min." in told([reading(1)], [quick])
    uncalled = Answered("call doctor now", opened + DAY, None)
    words = "2 earlier alerts, the last call doctor now on day 5, closed without a call."
    assert words in told([reading(1)], [quick, uncalled])


def test_what_is_seen_stands_beside_what_is_expected() -> None:
    rows = beside(reading(9, 5, 101.2), reading(8, 2), ENDED, 8, KNOWN)
    assert [(row.what, row.expected, row.seen, row.off) for row in rows] == [
        ("Temperature", "under 100.4 °F", "101.2 °F", True),
        ("Back pain", "4 or less, 8 before the procedure", "5 of 10, 2 in the log before", True),
    ]


def test_before_the_pain_has_to_be_low_nothing_is_off() -> None:
    (row,) = beside(reading(1, 9), None, ENDED, None, KNOWN)
    assert (row.expected, row.off) == ("no limit before 48 h; then 4 or less", False)
