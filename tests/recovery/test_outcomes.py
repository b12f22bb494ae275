"""Who is counted in the patients' figures, by hand and by any recovery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.desk.figures.outcomes import (
    LOOKED_AT,
    PAIN_DAYS,
    Recovery,
    days_logged,
    outcomes,
    pain_near,
)
from recovery.desk.figures.shares import Share, quarter, share

EVER = 10_000


def reduced(pain: int, before: int | None) -> bool:
    """The rule book's line, in short: half of the pain before, or low."""
    return pain <= 3 or (before is not None and pain <= before / 2)


def logged(*days: int, pain: int | None = 2) -> dict[int, int | None]:
    return dict.fromkeys(days, pain)


def test_somebody_at_day_5_is_not_in_the_figure_of_day_7() -> None:
    young, old = Recovery(1, day=5, logged=logged(*range(6))), Recovery(2, day=9, logged=logged(7))
    found = outcomes([young, old], EVER, reduced)
    at_7 = next(pain for pain in found.pain if pain.day == 7)
    assert (at_7.reached, dict(at_7.pains)) == ({2}, {2: 2})
    assert found.adherence.n == 0


def test_a_day_counts_only_when_it_and_its_window_are_over() -> None:
    for day, (_, last) in PAIN_DAYS.items():
        reached = {
            at: next(p for p in outcomes([Recovery(1, day=at)], EVER, reduced).pain if p.day == day).reached
            for at in (last, last + 1)
        }
        assert reached == {last: frozenset(), last + 1: {1}}


def test_whoever_was_not_followed_that_long_is_left_out() -> None:
    closed = Recovery(1, day=60, closed_day=9, logged=logged(1, 2, 3))
    found = outcomes([closed], EVER, reduced)
    assert found.adherence.n == 0
    assert [pain.day for pain in found.pain if pain.reached] == [2, 7]


@pytest.mark.parametrize(
    ("days", "adheres"), [(range(1, 8), True), (range(1, 7), False), (range(7), False), (range(4, 11), True)]
)
def test_a_log_on_seven_of_the_ten_days_after_the_procedure(days: range, adheres: bool) -> None:
    row = Recovery(1, day=11, logged=logged(*days, 12, 13))
    assert (days_logged(row) >= 7) is adheres
    assert outcomes([row], EVER, reduced).adherence == Share(frozenset({1} if adheres else ()), frozenset({1}))


def test_who_was_enrolled_too_late_to_log_on_seven_days_is_named_apart() -> None:
    rows = [Recovery(1, day=20, enrolled_day=4), Recovery(2, day=20, enrolled_day=5)]
    found = outcomes(rows, EVER, reduced)
    assert (found.adherence.whole, found.late_enrolled) == ({1}, {2})


def test_the_nearest_day_in_the_window_stands_for_a_day_of_two_the_later() -> None:
    row = Recovery(1, day=60, logged={5: 9, 6: 8, 8: 4, 13: None, 12: 6, 40: 1, 44: 3})
    assert [pain_near(row, day) for day in (2, 7, 14, 28, 42)] == [None, 4, 6, None, 3]


def test_lasting_pain_is_of_those_who_answered_around_day_42() -> None:
    rows = [
        Recovery(1, day=60, baseline=8, logged={42: 5}),
        Recovery(2, day=60, baseline=8, logged={41: 4}),
        Recovery(3, day=60, baseline=8, logged={20: 9}),
    ]
    assert outcomes(rows, EVER, reduced).lasting == Share(frozenset({1}), frozenset({1, 2}))


def test_leaks_are_of_procedures_and_new_fractures_of_those_followed_to_the_end() -> None:
    rows = [Recovery(1, day=3, leak=True, new_fracture=True), Recovery(2, day=LOOKED_AT + 1, new_fracture=True)]
    found = outcomes(rows, EVER, reduced)
    assert (found.leaks.part, found.leaks.whole) == ({1}, {1, 2})
    assert (found.fractures.part, found.fractures.whole) == ({2}, {2})


recoveries = st.lists(
    st.builds(
        Recovery,
        id=st.integers(1, 10**6),
        day=st.integers(-1, 120),
        enrolled_day=st.integers(0, 20),
        closed_day=st.none() | st.integers(0, 120),
        baseline=st.none() | st.integers(0, 10),
        leak=st.booleans(),
        new_fracture=st.booleans(),
        logged=st.dictionaries(st.integers(0, LOOKED_AT), st.none() | st.integers(0, 10), max_size=20),
    ),
    max_size=12,
    unique_by=lambda row: row.id,
)


@given(recoveries, st.integers(1, 90), st.integers(1, 90))
def test_two_periods_that_follow_each_other_hold_what_one_holds(rows: list, first: int, second: int) -> None:
    whole = outcomes(rows, first + second, reduced)
    new, old = outcomes(rows, first, reduced), outcomes(rows, second, reduced, ago=first)
    for name in ("adherence", "lasting", "fractures", "leaks"):
        one, two, both = (getattr(found, name) for found in (new, old, whole))
        assert one.whole | two.whole == both.whole
        assert not one.whole & two.whole
        assert one.part | two.part == both.part


@given(recoveries)
def test_a_part_lies_in_its_whole_and_pain_in_its_scale(rows: list) -> None:
    found = outcomes(rows, EVER, reduced)
    shares = [found.adherence, found.lasting, found.fractures, found.leaks, *(pain.reduced for pain in found.pain)]
    assert all(one.part <= one.whole for one in shares)
    for pain in found.pain:
        assert set(pain.pains) <= pain.reached
        quartiles = [-1.0 if one is None else one for one in (pain.low, pain.middle, pain.high)]
        assert sorted(quartiles) == quartiles
        assert (quartiles[0] >= 0 and quartiles[2] <= 10) if pain.pains else quartiles == [-1] * 3


@given(st.sets(st.integers(0, 200)), st.sets(st.integers(0, 200)))
def test_the_likely_range_holds_the_share(part: set, whole: set) -> None:
    found = share(part, whole)
    if not whole:
        assert (found.percent, found.likely) == (None, None)
        return
    low, high = found.likely or (-1, -1)
    assert 0 <= low <= (found.percent or 0) <= high <= 100


def test_the_likely_range_by_hand() -> None:
    assert share(set(range(5)), set(range(49))).likely == (4, 22)
    assert share(set(range(19)), set(range(19))).few
    assert not share(set(), set(range(20))).few


@pytest.mark.parametrize(("ordered", "found"), [([], None), ([4], 4), ([1, 2, 3, 4], 2), ([1, 2, 3], 2)])
def test_the_middle_of_numbers(ordered: list, found: float | None) -> None:
    assert quarter(ordered, 2) == found
