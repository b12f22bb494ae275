"""The figures by shift, week and person: nothing is counted twice, and nothing is lost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.monitoring.figures import TIERS, AlertRow
from alerts.monitoring.figures_by import (
    MOMENTS,
    WEEKS,
    Work,
    by_person,
    by_shift,
    by_week,
    measured,
    shift_of,
    times,
    week_of,
)

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


def row(
    tier: str = "call_doctor_now", hours_ago: float = 50, ends: float | None = None, **minutes: float
) -> AlertRow:
    """An alert; acknowledged=9: by person 1, nine minutes after it was opened. ends: minutes until it closed."""
    opened = NOW - timedelta(hours=hours_ago)
    at = [(opened + timedelta(minutes=after), what, 1) for what, after in minutes.items()]
    closed = None if ends is None else opened + timedelta(minutes=ends)
    return AlertRow(tier, opened, closed, events=tuple(sorted(at)))


rows = st.lists(
    st.builds(
        row,
        tier=st.sampled_from(TIERS),
        hours_ago=st.floats(0, 24 * 7 * (WEEKS - 1)),
        ends=st.none() | st.floats(60, 900),
        acknowledged=st.floats(0, 50),
    )
    | st.builds(row, tier=st.sampled_from(TIERS), hours_ago=st.floats(0, 900), contacted=st.floats(0, 50)),
    max_size=15,
)


HOURS = {6: "night", 7: "day", 14: "day", 15: "evening", 22: "evening", 23: "night", 0: "night"}


HOURS = {6: "night", 7: "day", 14: "day", 15: "evening", 22: "evening", 23: "night", 0: "night"}


@pytest.mark.parametrize(("hour", "shift"), HOURS.items())
def test_a_shift_is_eight_hours_by_the_clinics_clocks(hour: int, shift: str) -> None:
    assert shift_of(datetime(2026, 3, 8, hour, 59, tzinfo=CHICAGO), CHICAGO) == shift


def test_a_week_begins_on_monday_by_the_clinics_clocks() -> None:
    late_on_sunday = datetime(2026, 6, 8, 4, 0, tzinfo=UTC)
    assert week_of(late_on_sunday, CHICAGO) == date(2026, 6, 1)
    assert week_of(late_on_sunday, UTC) == date(2026, 6, 8)


def test_an_item_that_became_urgent_belongs_to_the_shift_of_that_moment() -> None:
    found = by_shift([row(hours_ago=15, upgraded=60 * 8)], UTC)
    assert [(one.tier, one.shift, one.alerts) for one in found] == [("call_doctor_now", "day", 1)]


@given(rows)
def test_shifts_and_weeks_hold_every_alert_once(rows: list) -> None:
    for tier in TIERS:
        of_tier = sum(one.tier == tier for one in rows)
        assert sum(one.alerts for one in by_shift(rows, CHICAGO) if one.tier == tier) == of_tier
        assert sum(week.by_tier[tier] for week in by_week(rows, {}, NOW, CHICAGO)) == of_tier


@given(rows)
def test_every_alert_was_done_waits_or_was_closed_without(rows: list) -> None:
    for measure in MOMENTS:
        done, waiting, without = measured(rows, measure)
        assert len(done) + len(waiting) + len(without) == len(rows)
        spread = times(rows, measure)
        assert (spread.count - spread.still_open, spread.still_open, spread.without) == (
            len(done),
            len(waiting),
            len(without),
        )


def test_logs_of_a_week_stand_beside_its_alerts() -> None:
    weeks = by_week([row(hours_ago=1)], {date(2026, 6, 8): 40}, NOW, UTC)
    assert (len(weeks), weeks[-1].start, weeks[-1].alerts, weeks[-1].logs) == (WEEKS, date(2026, 6, 8), 1, 40)


def test_the_work_of_each_person_counts_an_alert_once_for_each_kind() -> None:
    events = [
        (NOW, "acknowledged", 1),
        (NOW, "contacted", 1),
        (NOW, "evaluated", 1),
        (NOW, "not_reached", 2),
        (NOW, "resolved", 2),
        (NOW, "told", None),
    ]
    alert = AlertRow("watch", NOW, NOW, events=tuple(events), minutes=((1, 6), (1, 4)))
    found = by_person([alert], [(1, NOW), (1, NOW), (3, NOW)], [(2, 5), (2, None)])
    assert found == {
        1: Work(taken=1, contacted=1, pages=1, minutes=10),
        2: Work(not_reached=1, closed=1, contacts=2, minutes=5),
        3: Work(pages=1),
    }
