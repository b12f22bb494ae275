"""PURE: what a row of the worklist tells of pain and risk."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.desk.worklist.risk_flags import flags_of
from recovery.desk.worklist.row_pain import HEIGHT, WIDTH, pain_words, spark

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("pain", "before", "words"),
    [
        ([], 8, ""),
        ([(NOW - HOUR, 5)], None, "Pain 5"),
        ([(NOW - 26 * HOUR, 2), (NOW - HOUR, 5)], 8, "Pain 5, yesterday 2, before 8"),
        ([(NOW - 50 * HOUR, 2), (NOW - HOUR, 5)], 8, "Pain 5, before 8"),
        ([(NOW - 98 * HOUR, 4), (NOW - 74 * HOUR, 3)], 7, "Last pain 3, the day before 4, before 7"),
    ],
)
def test_pain_is_told_beside_yesterday_and_before(
    pain: list[tuple[datetime, int]], before: int | None, words: str
) -> None:
    assert pain_words(pain, before, NOW, ZONE) == words


def test_yesterday_is_a_day_of_the_clinics_clocks() -> None:
    """Midnight in Chicago is 5 or 6 in the morning by UTC."""
    night = datetime(2026, 3, 10, 4, tzinfo=UTC)
    assert "yesterday 2" in pain_words([(night, 2), (NOW, 5)], None, NOW, ZONE)


@given(
    st.lists(st.tuples(st.integers(0, 60 * 24 * 20), st.integers(0, 10)), max_size=20),
    st.one_of(st.none(), st.integers(0, 10)),
)
def test_the_line_stays_inside_its_picture(logs: list[tuple[int, int]], before: int | None) -> None:
    pain = sorted((NOW - timedelta(minutes=minutes), value) for minutes, value in logs)
    line = spark(pain, before, NOW)
    if line is None:
        assert all(at < NOW - timedelta(days=14) for at, _ in pain)
        return
    places = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert line.last == pain[-1][1]
    assert (line.base is None) == (before is None)


def test_a_flag_names_the_figure_and_its_document() -> None:
    [leak, bones] = flags_of({"cement_leakage": True, "levels": ["T12", "L3"]})
    assert (leak.words, leak.figure) == ("Cement leak", "2% to 26%")
    assert "back-pain OF-08" in leak.about
    assert (bones.words, bones.figure) == ("T12", "21.7%")


def test_no_more_flags_than_fit_and_none_without_a_risk() -> None:
    everything = {
        "cement_leakage": True,
        "blood_thinner_held": True,
        "blood_thinner_name": "apixaban",
        "intravertebral_cleft": True,
        "bmd_low": True,
        "bmd_t_score": -3.4,
    }
    assert [flag.words for flag in flags_of(everything)] == ["Cement leak", "apixaban on hold"]
    assert flags_of({"levels": ["L3"], "bmd_t_score": -3.4}) == []
    assert flags_of({"bmd_low": True, "bmd_t_score": -3.4})[0].words == "T-score −3.4"
