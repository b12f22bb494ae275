"""The rows to plan: milestone notes, 'please log', and the note after a day of silence."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.plan.reminders import is_log_day, silence_limit_hours, upcoming_log_reminders, upcoming_notes
from tests.plan.cast import NEW_YORK, after, calm, patient, wall


def keys(now: datetime, hours: float, record: dict[str, Any] | None = None, **state: Any) -> list[str]:
    return [note.key for note in upcoming_notes(record or patient(), calm(now, **state), now, hours)]


def log_keys(now: datetime, hours: float, **state: Any) -> list[str]:
    return [note.key for note in upcoming_log_reminders(patient(), calm(now, **state), now, hours)]


def local(text: str) -> datetime:
    return wall(text).replace(tzinfo=NEW_YORK)


def test_a_one_off_note_has_the_milestones_id_as_its_key() -> None:
    assert keys(after(50), 1, sent=["M-HEAVY-LIMIT"]) == ["M-DRIVE-48H", "M-WALK-24H", "M-WORK-48H"]


def test_a_note_is_planned_ahead_but_not_beyond_the_horizon() -> None:
    sent = ["M-HEAVY-LIMIT", "M-REST-24H", "M-NOLIFT-24H"]
    assert keys(after(1), 47, sent=sent) == ["M-WALK-24H", "M-DRIVE-48H", "M-WORK-48H"]
    assert keys(after(1), 46.9, sent=sent) == ["M-WALK-24H"]


def test_ice_slots_are_keyed_by_their_local_hour() -> None:
    cold = patient(ice_reminders=True)
    sent = ["M-HEAVY-LIMIT", "M-REST-24H", "M-NOLIFT-24H", "M-WALK-24H"]
    found = keys(after(1), 24, cold, pain_site=2, sent=sent)
    assert found == [f"M-ICE-72H:2026-06-01T{hour}" for hour in (12, 14, 16, 18, 20)] + [
        f"M-ICE-72H:2026-06-02T{hour}" for hour in ("08", "10")
    ]


def test_a_brace_and_a_visit_are_keyed_by_their_local_date() -> None:
    record = patient(brace_prescribed=True, next_visit_at="2026-06-20T14:00:00-04:00")
    found = keys(local("2026-06-18T12:00"), 60, record, tier="call_doctor_now", sent=["M-HEAVY-LIMIT"])
    assert found == [
        "M-BRACE:2026-06-19",
        "M-FOLLOWUP:2026-06-20:before",
        "M-FOLLOWUP:2026-06-20",
        "M-BRACE:2026-06-20",
    ]


def test_a_slot_already_sent_is_left_out() -> None:
    record = patient(brace_prescribed=True)
    found = keys(local("2026-06-18T12:00"), 48, record, tier="call_doctor_now", sent=["M-BRACE:2026-06-19"])
    assert "M-BRACE:2026-06-20" in found
    assert "M-BRACE:2026-06-19" not in found


def test_a_thinner_note_is_planned_for_its_day() -> None:
    record = patient(blood_thinner_held=True, thinner_restart_on="2026-06-19")
    key, noon = "M-MEDS-HOLD:2026-06-19", local("2026-06-18T12:00")
    assert key in keys(noon, 24, record)
    assert key not in keys(noon, 20, record)
    assert key not in keys(noon, 24, record, tier="call_doctor_now")
    assert key not in keys(noon, 24, record, sent=[key])
    assert key in keys(noon, 24, record, sent=["M-MEDS-HOLD:2026-06-12"])


def test_at_doctor_now_permissions_and_education_stop_and_limits_care_and_visits_go_on() -> None:
    record = patient(brace_prescribed=True)
    found = keys(after(70), 24 * 30, record, tier="call_doctor_now")
    assert {key.split(":")[0] for key in found} == {"M-HEAVY-LIMIT", "M-FOLLOWUP", "M-BRACE"}


def test_a_repeating_note_has_the_same_key_and_time_whenever_it_is_planned() -> None:
    record = patient(brace_prescribed=True, ice_reminders=True, overrides={"quiet_hours": ["19:30", "09:30"]})
    state = {"tier": "call_doctor_now", "pain_site": 4, "sent": ["M-HEAVY-LIMIT", "M-REST-24H", "M-NOLIFT-24H"]}
    end = after(100)
    whole = upcoming_notes(record, calm(after(), **state), after(), 100)
    for minutes in range(0, 100 * 60, 77):
        now = after(minutes / 60)
        left = upcoming_notes(record, calm(now, **state), now, (end - now) / timedelta(hours=1))
        assert left == [note for note in whole if note.due_utc >= now]


def test_ice_slots_that_wait_for_the_same_morning_are_one_note() -> None:
    record = patient(ice_reminders=True, overrides={"quiet_hours": ["19:30", "09:30"]})
    notes = upcoming_notes(record, calm(after(1), tier="call_doctor_now", pain_site=4), after(1), 26)
    ice = [note for note in notes if note.milestone_id == "M-ICE-72H"]
    assert [note.due_local for note in ice if note.due_local.day == 2] == [
        wall("2026-06-02T09:30"),
        wall("2026-06-02T10:00"),
        wall("2026-06-02T12:00"),
    ]


def test_please_log_comes_at_ten_and_eighteen_on_a_day_without_a_log() -> None:
    now = local("2026-06-10T12:00")
    yesterday = local("2026-06-09T09:00")
    found = log_keys(now, 24, last_log_at=yesterday)
    assert found == ["silence:2026-06-10T09:00", "log:2026-06-10:18", "log:2026-06-11:10"]


def test_a_day_with_its_log_has_no_reminder() -> None:
    now = local("2026-06-10T09:00")
    assert log_keys(now, 25, last_log_at=now) == ["silence:2026-06-11T09:00", "log:2026-06-11:10"]


def test_the_silence_note_waits_for_the_morning() -> None:
    last = local("2026-06-09T23:00")
    (note,) = (
        note
        for note in upcoming_log_reminders(patient(), calm(last, last_log_at=last), last, 40)
        if note.key.startswith("silence")
    )
    assert note.key == "silence:2026-06-10T23:00"
    assert note.due_local == wall("2026-06-11T08:00")


def test_the_silence_note_is_not_doubled_by_a_log_reminder_of_the_same_moment() -> None:
    last = local("2026-06-09T10:00")
    assert log_keys(last, 25, last_log_at=last) == ["log:2026-06-10:10"]


def test_before_the_first_log_silence_counts_from_the_procedure() -> None:
    record = patient(procedure_end_at="2026-06-01T13:40:00-04:00")
    now = local("2026-06-01T13:40")
    notes = upcoming_log_reminders(record, calm(now, last_log_at=None), now, 24)
    assert [note.key for note in notes] == ["log:2026-06-01:18", "log:2026-06-02:10", "silence:2026-06-02T13:40"]


def test_a_log_from_before_the_procedure_does_not_start_the_silence() -> None:
    assert log_keys(after(), 25, last_log_at=after(-20)) == [
        "log:2026-06-01:10",
        "log:2026-06-01:18",
        "log:2026-06-02:10",
    ]
    late = after(-15)
    record = patient(procedure_end_at="2026-06-01T13:40:00-04:00")
    notes = upcoming_log_reminders(record, calm(after(4), last_log_at=late), after(4), 24)
    assert "silence:2026-06-02T13:40" in [note.key for note in notes]


def test_two_log_reminders_that_wait_for_the_same_moment_are_one() -> None:
    record = patient(overrides={"quiet_hours": ["09:30", "19:00"]})
    now = local("2026-06-10T08:00")
    (note,) = upcoming_log_reminders(record, calm(now, last_log_at=None), now, 20)
    assert (note.key, note.due_local) == ("log:2026-06-10:10", wall("2026-06-10T19:00"))


def test_a_log_reminder_that_would_wait_past_its_day_is_dropped() -> None:
    record = patient(overrides={"quiet_hours": ["17:00", "09:00"]})
    now = local("2026-06-10T12:00")
    notes = upcoming_log_reminders(record, calm(now, last_log_at=after(-20)), now, 24)
    assert [note.key for note in notes] == ["log:2026-06-11:10"]


def test_a_brace_note_that_waits_past_midnight_keeps_the_key_of_its_own_day() -> None:
    record = patient(brace_prescribed=True, overrides={"quiet_hours": ["08:30", "07:00"]})
    now = local("2026-06-10T01:00")
    notes = upcoming_notes(record, calm(now, tier="call_doctor_now", sent=["M-HEAVY-LIMIT", "M-FOLLOWUP"]), now, 8)
    assert [(note.key, note.due_local) for note in notes] == [("M-BRACE:2026-06-09", wall("2026-06-10T07:00"))]


def test_a_daily_patient_who_turns_weekly_gets_no_silence_note() -> None:
    last = after(days=41, hours=1)
    assert all(key.startswith("log:") for key in log_keys(last, 24 * 3, last_log_at=last))


def test_a_long_silence_gets_no_second_silence_note() -> None:
    last = local("2026-06-05T12:00")
    assert "silence:2026-06-06T12:00" in log_keys(last + timedelta(hours=48), 24, last_log_at=last)
    later = log_keys(last + timedelta(hours=48, seconds=1), 24, last_log_at=last)
    assert all(key.startswith("log:") for key in later)


def test_log_reminders_go_on_at_doctor_now_and_stop_at_911() -> None:
    now = local("2026-06-10T12:00")
    assert log_keys(now, 24, tier="call_doctor_now") == ["log:2026-06-11:10", "silence:2026-06-11T11:00"]
    assert log_keys(now, 24, tier="call_911") == []


def test_logs_are_daily_to_day_42_weekly_to_day_90_then_monthly() -> None:
    days = [day for day in range(-3, 200) if is_log_day(day)]
    assert days == [*range(43), 49, 56, 63, 70, 77, 84, 90, 120, 150, 180]


def test_a_weekly_patient_is_asked_only_on_the_log_day() -> None:
    now = after(days=46)
    assert log_keys(now, 24 * 7, last_log_at=after(days=42)) == ["log:2026-07-20:10", "log:2026-07-20:18"]


@pytest.mark.parametrize(
    ("hours", "limit"),
    [
        (-5, 48),
        (0, 48),
        (335.9, 48),
        (336, 72),
        (1007.9, 72),
        (1008, 192),
        (2159.9, 192),
        (2160, 840),
        (99999, 840),
    ],
)
def test_silence_turns_to_watch_by_phase(hours: float, limit: int) -> None:
    assert silence_limit_hours(hours) == limit
