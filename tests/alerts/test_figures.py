"""The arithmetic of the figures page, by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.monitoring.figures import AlertRow, Figures, figures, percent, severe_first, spread

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
Event = tuple[datetime, str, bool]


def row(tier: str = "call_doctor_now", ago: timedelta = 3 * DAY, **after_minutes: float) -> AlertRow:
    """An alert opened so long ago; acknowledged=9 happened 9 minutes later, closed_at and sent like that too."""
    opened = NOW - ago
    at = {name: opened + timedelta(minutes=minutes) for name, minutes in after_minutes.items()}
    closed, sent = at.pop("closed_at", None), at.pop("sent", None)
    events = tuple(sorted((moment, what, what not in ("told", "upgraded")) for what, moment in at.items()))
    return AlertRow(tier, opened, closed, events=events, sent_at=(sent,) if sent else ())


def of(rows: list[AlertRow], **more: Any) -> Figures:
    known: dict[str, Any] = {"logs": 100, "spans": [], "pages": [], "nurses": [1], "zone": UTC}
    return figures(rows, now=NOW, days=28, **{**known, **more})


@pytest.mark.parametrize(
    ("waits", "median", "p90", "still_open"),
    [
        ([5], 5, 5, 0),
        ([1, 2, 3, 4], 2, 4, 0),
        ([*range(1, 11)], 5, 9, 0),
        ([1, 2, None], 2, None, 1),
        ([1, None, None], None, None, 2),
        ([], None, None, 0),
    ],
)
def test_a_spread_takes_what_has_not_ended_for_the_longest(
    waits: list[float | None], median: float | None, p90: float | None, still_open: int
) -> None:
    found = spread(waits)
    assert (found.count, found.median, found.p90, found.still_open) == (len(waits), median, p90, still_open)


def test_times_run_from_opening_to_the_first_of_each_kind() -> None:
    found = of([row(sent=1, acknowledged=4, contacted=9, closed_at=60)]).tiers[1]
    assert [found.sent.median, found.seen.median, found.contacted.median, found.closed.median] == [1, 4, 9, 60]


def test_an_item_that_became_urgent_is_measured_from_then() -> None:
    found = of([row(sent=1, acknowledged=2, upgraded=100, contacted=107)]).tiers[1]
    assert (found.contacted.median, found.seen.median) == (7, 7)
    assert found.sent.count == 0
    waits = of([row(sent=1, upgraded=100)]).tiers[1]
    assert (waits.sent.median, waits.sent.still_open) == (None, 1)


def test_what_closed_without_being_seen_waits_for_nobody() -> None:
    found = of([row("watch", closed_at=30), row("watch")]).tiers[2]
    assert (found.seen.count, found.seen.still_open) == (1, 1)
    assert (found.closed.count, found.closed.still_open) == (2, 1)
    assert (found.seen.without, found.contacted.without, found.closed.without) == (1, 1, 0)


@given(
    st.lists(
        st.sampled_from(
            [row(), row(closed_at=30), row(contacted=5), row(contacted=5, closed_at=9), row("watch", closed_at=1)]
        ),
        max_size=8,
    )
)
def test_every_alert_is_measured_waiting_or_counted_as_closed_without(rows: list[AlertRow]) -> None:
    for tier in of(rows).tiers:
        for one in (tier.seen, tier.contacted, tier.closed):
            assert one.count + one.without == tier.alerts


def test_watch_pages_nobody_so_it_has_no_first_message() -> None:
    assert of([row("watch")]).tiers[2].sent.count == 0


def test_how_many_for_how_much() -> None:
    spans = [(NOW - 40 * DAY, None), (NOW - 10 * DAY, NOW - 5 * DAY), (NOW - 90 * DAY, NOW - 60 * DAY)]
    found = of([row(), row()], logs=50, spans=spans)
    assert (found.patient_days, found.per_100_logs) == (33, 4)
    assert found.per_100_patient_days == pytest.approx(200 / 33)
    assert of([row()], logs=0).per_100_logs is None


def test_only_what_was_judged_counts_as_judged() -> None:
    closed = NOW - DAY
    rows = [
        AlertRow("watch", NOW - 3 * DAY, closed, worth, rules=frozenset(rules))
        for worth, rules in (("useful", "A"), ("not_useful", "AB"), ("unsure", "B"), ("", "B"))
    ]
    found = of([*rows, row()])
    assert (found.useful, found.judged, found.not_judged) == (1, 3, 1)
    rules = [(rule.rule, rule.alerts, rule.not_useful_percent) for rule in found.rules]
    assert rules == [("B", 3, 50), ("A", 2, 50)]


def test_closed_within_48_hours_asks_only_those_that_are_old_enough() -> None:
    rows = [row(closed_at=47 * 60), row(closed_at=49 * 60), row(), row(ago=DAY, closed_at=5)]
    found = of(rows)
    assert (found.closed_soon, found.old_enough) == (1, 3)


def test_pages_are_counted_for_nurses_by_the_clinics_days() -> None:
    late, early = datetime(2026, 6, 9, 4, 30, tzinfo=UTC), datetime(2026, 6, 9, 5, 30, tzinfo=UTC)
    pages = [(1, late), (1, early), (1, early), (2, early), (9, early)]
    found = of([row()], pages=pages, nurses=[1, 2], zone=ZoneInfo("America/Chicago"))
    assert (found.pages, found.busiest_day, found.pages_per_nurse_and_day) == (3, 1, 3 / 56)
    assert of([row()], nurses=[]).pages_per_nurse_and_day is None


def test_steps_are_how_often_people_were_told() -> None:
    told: tuple[Event, ...] = tuple((NOW, "told", False) for _ in range(6))
    rows = [AlertRow("call_911", NOW, events=told[:n]) for n in (1, 1, 2, 6, 0)]
    assert of([*rows, AlertRow("watch", NOW, events=told)]).steps == [(1, 2), (2, 1), (3, 0), (4, 1)]


def test_reopened_and_expired_are_counted() -> None:
    expired: tuple[Event, ...] = ((NOW, "ack_expired", False), (NOW, "ack_expired", False))
    found = of([AlertRow("call_911", NOW, reopened=2, events=expired), row()])
    assert (found.reopened, found.expired) == (1, 2)


def minutes(tier: str, *seen: float, contacted: float = 20) -> list[AlertRow]:
    return [row(tier, acknowledged=wait, contacted=contacted) for wait in seen]


@pytest.mark.parametrize(
    ("rows", "right", "wrong"),
    [
        (minutes("call_911", 1, 2, 3) + minutes("call_doctor_now", 4, 5, 6), True, []),
        (
            minutes("call_911", 7, 8, 9) + minutes("call_doctor_now", 4, 5, 6),
            False,
            [("seen", "call_911", "call_doctor_now")],
        ),
        (
            minutes("call_911", 1, 2, 3, contacted=30) + minutes("watch", 4, 5, 6),
            False,
            [("contacted", "call_911", "watch")],
        ),
        ([row("call_911") for _ in range(3)] + minutes("watch", 4, 5, 6), False, None),
        (minutes("call_911", 1, 2) + minutes("watch", 4, 5, 6), None, []),
        ([], None, []),
    ],
    ids=["right", "seen later", "contacted later", "never seen", "too few", "none"],
)
def test_severe_comes_before_mild_or_it_is_said(
    rows: list[AlertRow], right: bool | None, wrong: list | None
) -> None:
    found = severe_first(of(rows).tiers)
    assert found[0] is right
    if wrong is not None:
        assert found[1] == wrong


def test_a_part_of_nothing_is_not_known() -> None:
    assert percent(1, 4) == 25
    assert percent(0, 0) is None
