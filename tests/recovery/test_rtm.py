"""Which RTM codes days, minutes and talks support, by hand and by any recovery."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.desk.figures.rtm import PERIOD, Thresholds, billable, management, next_month, set_up_on, supplies

ASKED = Thresholds()
FIRST = date(2026, 3, 5)
LATER = date(2026, 8, 1)


def days(*offsets: int) -> set[date]:
    return {FIRST + timedelta(days=n) for n in offsets}


@pytest.mark.parametrize(("count", "code"), [(1, ""), (2, "98985"), (15, "98985"), (16, "98977"), (30, "98977")])
def test_days_with_data_in_thirty_days(count: int, code: str) -> None:
    found = supplies(days(*range(count)), LATER, ASKED)
    assert (found[0].days, found[0].over, found[0].code) == (count, True, code)
    assert (found[0].first, found[0].last) == (FIRST, FIRST + timedelta(days=29))


def test_a_period_that_still_runs_supports_nothing_yet_and_says_until_when() -> None:
    today = FIRST + timedelta(days=29)
    [running] = supplies(days(*range(20)), today, ASKED)
    assert (running.over, running.code) == (False, "")
    found = billable(days(*range(20)), date(2026, 4, 1), today, minutes=0, talks=0, asked=ASKED)
    assert "20 days with data so far; the 30 days run to Apr 3" in found.missing
    assert found.codes == {}


@pytest.mark.parametrize(
    ("minutes", "talks", "codes"),
    [
        (9, 1, {}),
        (10, 1, {"98979": 1}),
        (19, 2, {"98979": 1}),
        (20, 1, {"98980": 1}),
        (39, 1, {"98980": 1}),
        (40, 1, {"98980": 1, "98981": 1}),
        (85, 1, {"98980": 1, "98981": 3}),
        (85, 0, {}),
    ],
)
def test_minutes_in_a_month_with_a_live_contact(minutes: int, talks: int, codes: dict[str, int]) -> None:
    assert management(minutes, talks, ASKED) == codes


def test_set_up_is_reached_once_on_the_second_day_with_data_within_thirty() -> None:
    assert set_up_on(days(0, 4, 9), ASKED) == FIRST + timedelta(days=4)
    assert set_up_on(days(0, 30), ASKED) is None
    assert set_up_on(days(0), ASKED) is None
    in_march = billable(days(0, 4), date(2026, 3, 1), LATER, minutes=0, talks=0, asked=ASKED)
    in_april = billable(days(0, 4), date(2026, 4, 1), LATER, minutes=0, talks=0, asked=ASKED)
    assert (in_march.codes, in_april.codes) == ({"98975": 1}, {"98985": 1})


def test_a_clinic_may_ask_for_other_numbers() -> None:
    strict = Thresholds(days_short=5, days_long=20, minutes_short=15, minutes_long=30)
    assert supplies(days(*range(4)), LATER, strict)[0].code == ""
    assert management(14, 1, strict) == {}
    assert management(60, 1, strict) == {"98980": 1, "98981": 1}
    assert "5 to 19 days with data" in strict.codes["98985"]


def test_december_is_followed_by_january() -> None:
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)


some_days = st.sets(st.integers(0, 140).map(lambda n: FIRST + timedelta(days=n)), max_size=60)


@given(some_days, st.integers(0, 200))
def test_every_day_with_data_is_in_one_period_and_a_code_in_one_month(data: set[date], after: int) -> None:
    today = FIRST + timedelta(days=after)
    seen = {day for day in data if day <= today}
    periods = supplies(seen, today, ASKED)
    assert sum(one.days for one in periods) == len(seen)
    assert all(before.last < one.first for before, one in zip(periods, periods[1:], strict=False))
    assert all((one.last - one.first).days == PERIOD - 1 for one in periods)
    month, counted = date(2026, 3, 1), 0
    while month <= today:
        codes = billable(data, month, today, minutes=0, talks=0, asked=ASKED).codes
        counted += codes.get("98985", 0) + codes.get("98977", 0)
        month = next_month(month)
    assert counted == sum(bool(one.code) for one in periods)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 3))
def test_more_minutes_never_support_less_and_no_minute_is_counted_twice(one: int, two: int, talks: int) -> None:
    worth = {"98979": 10, "98980": 20, "98981": 20}
    less, more = (
        sum(worth[code] * n for code, n in management(minutes, talks, ASKED).items())
        for minutes in sorted((one, two))
    )
    assert less <= more <= max(one, two)
    assert not {"98979", "98980"} <= set(management(one, talks, ASKED))
