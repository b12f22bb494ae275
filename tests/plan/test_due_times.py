"""When a note may go out: first allowed time at or after its time and now, or its next slot."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recovery.plan.milestones import evaluate
from tests.plan.cast import END, NEW_YORK, ZONES, after, calm, one, patient, wall
from tests.plan.test_clock import changes_of

SECOND = timedelta(seconds=1)
LATE = patient(procedure_end_at="2026-06-01T22:15:00-04:00")


def due(milestone: str, now: datetime, record: dict[str, Any] | None = None, **state: Any) -> datetime | None:
    """The local wall time of the note."""
    return one(milestone, now, record, **state).due_local


def local(text: str) -> datetime:
    """A moment in New York."""
    return wall(text).replace(tzinfo=NEW_YORK)


def test_a_planned_note_carries_its_planned_time() -> None:
    assert due("M-DRIVE-48H", after(1)) == wall("2026-06-03T10:00")
    assert one("M-DRIVE-48H", after(1)).due_utc == after(48)


def test_a_planned_note_that_falls_into_the_night_is_planned_for_the_morning() -> None:
    assert due("M-DRIVE-48H", local("2026-06-02T12:00"), LATE) == wall("2026-06-04T08:00")


def test_a_reached_note_goes_out_now_or_at_eight() -> None:
    assert due("M-DRIVE-48H", local("2026-06-04T15:30")) == wall("2026-06-04T15:30")
    assert due("M-DRIVE-48H", local("2026-06-04T21:00")) == wall("2026-06-05T08:00")
    assert due("M-DRIVE-48H", local("2026-06-04T20:59")) == wall("2026-06-04T20:59")


def test_an_ask_first_card_has_a_note_too_and_it_counts_as_sent() -> None:
    assert due("M-WALK-24H", after(30), tier="watch") == wall("2026-06-02T16:00")
    assert due("M-WALK-24H", after(30), tier="watch", sent=["M-WALK-24H"]) is None


@pytest.mark.parametrize(
    ("milestone", "state"),
    [
        ("M-WALK-24H", {"tier": "call_doctor_now"}),
        ("M-WALK-24H", {"sent": ["M-WALK-24H"]}),
        ("M-NOLIFT-24H", {"tier": "call_911"}),
        ("M-REST-24H", {}),
        ("M-BRACE", {}),
    ],
)
def test_nothing_is_due_when_withheld_sent_ended_not_applicable_or_at_911(
    milestone: str, state: dict[str, Any]
) -> None:
    assert due(milestone, after(30), **state) is None


def test_a_limit_at_doctor_now_still_has_its_note() -> None:
    assert due("M-NOLIFT-24H", after(1), tier="call_doctor_now") == wall("2026-06-01T11:00")


def test_a_first_day_limit_that_ends_in_the_night_sends_nothing_the_morning_after() -> None:
    assert due("M-REST-24H", local("2026-06-02T20:30"), LATE) == wall("2026-06-02T20:30")
    assert due("M-REST-24H", local("2026-06-02T21:30"), LATE) is None


def test_ice_has_a_slot_every_two_hours_by_day_for_those_who_asked() -> None:
    cold = patient(ice_reminders=True)
    assert due("M-ICE-72H", local("2026-06-01T12:00"), cold, pain_site=3) == wall("2026-06-01T12:00")
    assert due("M-ICE-72H", local("2026-06-01T12:00") + SECOND, cold, pain_site=3) == wall("2026-06-01T14:00")
    assert due("M-ICE-72H", local("2026-06-01T20:01"), cold, pain_site=3) == wall("2026-06-02T08:00")
    # 72 h end at 10:00 on 4 June, so 08:00 is the last slot.
    assert due("M-ICE-72H", local("2026-06-04T08:00"), cold, pain_site=3) == wall("2026-06-04T08:00")
    assert due("M-ICE-72H", local("2026-06-04T08:01"), cold, pain_site=3) is None
    assert due("M-ICE-72H", local("2026-06-01T12:00"), pain_site=3) is None


def test_a_brace_note_is_daily_at_nine_to_its_last_day() -> None:
    braced = patient(brace_prescribed=True, brace_until="2026-06-03")
    assert due("M-BRACE", local("2026-06-01T12:00"), braced) == wall("2026-06-02T09:00")
    assert due("M-BRACE", local("2026-06-03T09:00"), braced) == wall("2026-06-03T09:00")
    assert due("M-BRACE", local("2026-06-03T09:01"), braced) is None


def test_a_visit_has_a_note_the_day_before_at_nine_and_on_its_day_at_eight() -> None:
    visit = patient(next_visit_at="2026-06-20T14:00:00-04:00")
    assert due("M-FOLLOWUP", after(1), visit) == wall("2026-06-19T09:00")
    assert due("M-FOLLOWUP", local("2026-06-19T09:01"), visit) == wall("2026-06-20T08:00")
    assert due("M-FOLLOWUP", local("2026-06-20T08:01"), visit) is None


def test_a_visit_before_eight_has_no_note_after_it_began() -> None:
    early = patient(next_visit_at="2026-06-20T07:30:00-04:00")
    assert due("M-FOLLOWUP", local("2026-06-19T12:00"), early) is None


def test_the_visit_prompt_is_due_on_day_seven() -> None:
    assert due("M-FOLLOWUP", after(1)) == wall("2026-06-08T10:00")


def test_the_long_card_comes_back_each_30_days_at_the_same_wall_time() -> None:
    first = (END + timedelta(days=90)).replace(tzinfo=None)
    assert due("M-LONG", after(1)) == first
    assert due("M-LONG", after(days=90)) == first
    assert due("M-LONG", after(days=90) + SECOND) == first + timedelta(days=30)
    # Across the change of the clocks in November the wall time stays.
    assert due("M-LONG", after(days=179)) == first + timedelta(days=90)


def test_a_monthly_note_that_waits_for_the_morning_is_not_skipped() -> None:
    night = local("2026-08-30T23:00")
    assert due("M-LONG", night, LATE) == wall("2026-08-31T08:00")
    assert due("M-LONG", local("2026-08-31T01:00"), LATE) == wall("2026-08-31T08:00")


def test_nothing_is_planned_for_a_time_before_the_procedure() -> None:
    record = patient(brace_prescribed=True, pt_ordered=True, pt_start_on="2026-05-20")
    week_before = after(days=-7)
    assert due("M-PT", week_before, record) == wall("2026-06-01T10:00")
    assert due("M-BRACE", week_before, record) == wall("2026-06-02T09:00")
    assert due("M-REST-24H", week_before, record) == wall("2026-06-01T10:00")


def test_a_thinner_note_is_planned_for_its_day_and_not_without_one() -> None:
    held = patient(blood_thinner_held=True, thinner_restart_on="2026-06-05")
    assert due("M-MEDS-HOLD", after(1), held) == wall("2026-06-05T09:00")
    assert due("M-MEDS-HOLD", after(1), patient(blood_thinner_held=True)) is None
    assert due("M-MEDS-HOLD", local("2026-06-05T09:00"), held) == wall("2026-06-05T09:00")


def test_the_clinics_quiet_hours_replace_ours() -> None:
    sleepy = patient(overrides={"quiet_hours": ["19:30", "10:30"]}, brace_prescribed=True)
    assert due("M-BRACE", local("2026-06-02T12:00"), sleepy) == wall("2026-06-03T10:30")
    assert due("M-DRIVE-48H", after(1), sleepy) == wall("2026-06-03T10:30")


@pytest.mark.parametrize("name", ZONES)
def test_calendar_steps_keep_their_wall_time_across_every_change_of_the_clocks(name: str) -> None:
    zone = ZoneInfo(name)
    record = {"time_zone": name, "clinic_overrides": {"quiet_hours": ["00:00", "00:00"]}}
    for change in changes_of(zone):
        for minutes in (-90, -30, 0, 30, 12 * 60):
            end = change + timedelta(minutes=minutes) - timedelta(days=14)
            planned = evaluate({**record, "procedure_end_at": end}, calm(end), end)["M-LIGHT-14D"]
            wanted = end.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=14)
            shown = planned.due_local
            assert shown is not None
            assert shown == wanted or (change.astimezone(zone).replace(tzinfo=None) <= shown and shown > wanted)


@pytest.mark.parametrize("name", ZONES)
def test_hour_steps_are_real_hours_across_every_change_of_the_clocks(name: str) -> None:
    for change in changes_of(ZoneInfo(name)):
        end = change - timedelta(hours=20)
        record = {
            "time_zone": name,
            "procedure_end_at": end,
            "clinic_overrides": {"quiet_hours": ["00:00", "00:00"]},
        }
        statuses = evaluate(record, calm(end), end)
        assert statuses["M-DRIVE-48H"].due_utc == end + timedelta(hours=48)
