"""The patient's clock: what changes of the clocks and quiet hours do to a time."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.values.wall_clock import QuietHours, from_wall, plus_days, to_wall
from recovery.plan.clock import elapsed_hours, next_allowed, plus_hours
from tests.plan.cast import NEW_YORK, ZONES, wall

NIGHT = QuietHours(time(21), time(8))
DAY = timedelta(days=1)

moments = st.datetimes(wall("2020-01-01"), wall("2035-12-31"), timezones=st.just(UTC))
zones = st.sampled_from(ZONES).map(ZoneInfo)
MINUTES = [time(minute // 60, minute % 60) for minute in range(24 * 60)]
windows = st.builds(QuietHours, st.sampled_from(MINUTES), st.sampled_from(MINUTES))
walls = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@cache
def changes_of(zone: ZoneInfo) -> list[datetime]:
    """Every UTC instant in 2020 to 2035 at which the zone's offset changes, found by looking."""
    found, moment = [], datetime(2020, 1, 1, tzinfo=UTC)
    while moment.year < 2036:
        later = moment + DAY
        if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            low, high = moment, later
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=(high - low) // timedelta(minutes=1) // 2)
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        moment = later
    return found


def expected_instant(local: datetime, change: datetime, zone: ZoneInfo) -> datetime:
    """The rule in slow motion: the first minute around the change that shows the wall time, else past the gap."""
    minutes = (change + timedelta(minutes=n) for n in range(-240, 241))
    shows = next((m for m in minutes if m.astimezone(zone).replace(tzinfo=None) == local), None)
    if shows is not None:
        return shows
    before, after = (change - timedelta(minutes=1)).astimezone(zone), change.astimezone(zone)
    gap = after.utcoffset() - before.utcoffset()  # type: ignore[operator]
    return next(
        m
        for m in (change + timedelta(minutes=n) for n in range(240))
        if m.astimezone(zone).replace(tzinfo=None) == local + gap
    )


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.slow
def test_a_wall_time_at_every_change_of_the_clocks_follows_the_rule(name: str) -> None:
    zone = ZoneInfo(name)
    for change in changes_of(zone):
        edge = change.astimezone(zone).replace(tzinfo=None)
        for minutes in (-120, -61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60, 90):
            local = edge + timedelta(minutes=minutes)
            assert from_wall(local, zone) == expected_instant(local, change, zone), (change, local)


def test_it_moves_a_missing_time_forward_by_the_gap() -> None:
    # New York, 8 March 2026: 02:00 jumps to 03:00.
    assert from_wall(wall("2026-03-08T02:30"), NEW_YORK) == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)


def test_it_takes_the_first_of_a_doubled_time() -> None:
    assert from_wall(wall("2026-11-01T01:30"), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_hours_are_real_and_days_are_calendar_days() -> None:
    end = datetime(2026, 3, 7, 10, 0, tzinfo=NEW_YORK)
    assert to_wall(plus_hours(end, 48), NEW_YORK) == wall("2026-03-09T11:00")
    assert to_wall(plus_days(end, 2, NEW_YORK), NEW_YORK) == wall("2026-03-09T10:00")
    assert elapsed_hours(end, plus_days(end, 2, NEW_YORK)) == 47


@pytest.mark.parametrize(
    ("at", "quiet"),
    [(time(20, 59, 59), False), (time(21), True), (time(0), True), (time(7, 59, 59), True), (time(8), False)],
)
def test_quiet_hours_include_their_start_and_not_their_end(at: time, quiet: bool) -> None:
    assert NIGHT.covers(at) is quiet


def test_a_window_within_one_day_and_an_empty_one() -> None:
    noon = QuietHours(time(12), time(14))
    assert [noon.covers(time(hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]
    assert not any(QuietHours(time(9), time(9)).covers(time(hour)) for hour in range(24))


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-06-01T20:59", "2026-06-01T20:59"),
        ("2026-06-01T21:00", "2026-06-02T08:00"),
        ("2026-06-01T23:59", "2026-06-02T08:00"),
        ("2026-06-02T00:00", "2026-06-02T08:00"),
        ("2026-06-02T07:59", "2026-06-02T08:00"),
        ("2026-06-02T08:00", "2026-06-02T08:00"),
    ],
)
def test_a_note_inside_quiet_hours_waits_for_their_end(now: str, allowed: str) -> None:
    moment = wall(now).replace(tzinfo=NEW_YORK)
    assert to_wall(next_allowed(moment, NEW_YORK, NIGHT), NEW_YORK) == wall(allowed)


@given(windows, windows)
def test_quiet_hours_lie_in_others_that_cover_every_minute_of_theirs(one: QuietHours, other: QuietHours) -> None:
    ours, theirs = ({at for at in MINUTES if window.covers(at)} for window in (one, other))
    assert one.minutes == len(ours)
    assert one.lies_in(other) == (ours <= theirs)


def test_quiet_hours_that_end_in_a_doubled_hour_never_send_a_note_back_in_time() -> None:
    second_pass = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
    allowed = next_allowed(second_pass, NEW_YORK, QuietHours(time(22), time(1, 30)))
    assert allowed == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_quiet_hours_that_end_in_a_missing_hour_are_followed_to_an_allowed_time() -> None:
    before = datetime(2026, 3, 8, 1, 0, tzinfo=NEW_YORK)
    allowed = next_allowed(before, NEW_YORK, QuietHours(time(3), time(2, 30)))
    assert to_wall(allowed, NEW_YORK) == wall("2026-03-09T02:30")


@given(moments, zones, walls, walls)
def test_the_next_allowed_time_is_the_first_one_that_is_not_quiet(
    moment: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    quiet = QuietHours(start, end)
    allowed = next_allowed(moment, zone, quiet)
    assert allowed >= moment
    assert not quiet.covers(to_wall(allowed, zone).time())
    minute = moment
    while minute < allowed:
        assert quiet.covers(to_wall(minute, zone).time())
        minute += timedelta(minutes=7)
