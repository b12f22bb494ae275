"""What a clinic may change: it can delay a permission or lift a limit, and nothing becomes earlier by it."""

from datetime import timedelta

import pytest

from tests.plan.cast import after, one, patient, verdict, wall

SECOND = timedelta(seconds=1)
MIDNIGHT = after(14)  # 00:00 on 2 June in New York


def delayed(milestone: str, hours: float) -> dict[str, object]:
    return patient(overrides={"milestone_not_before_hours": {milestone: hours}})


def test_a_delay_moves_the_planned_time_and_is_named_once_the_plain_time_has_come() -> None:
    record = delayed("M-DRIVE-48H", 96)
    assert verdict("M-DRIVE-48H", after(48) - SECOND, record) == ("not_yet",)
    assert verdict("M-DRIVE-48H", after(48), record) == ("not_yet", "clinic_override")
    assert one("M-DRIVE-48H", after(48), record).due_local == wall("2026-06-05T10:00")
    assert verdict("M-DRIVE-48H", after(96), record) == ("reached",)


@pytest.mark.parametrize("hours", [-1000, 0, 1, 47.9])
def test_a_shorter_delay_never_makes_a_permission_earlier(hours: float) -> None:
    record = delayed("M-DRIVE-48H", hours)
    assert verdict("M-DRIVE-48H", after(48) - SECOND, record) == ("not_yet",)
    assert one("M-DRIVE-48H", after(1), record).due_utc == after(48)


def test_only_permissions_can_be_delayed() -> None:
    assert verdict("M-HOME-72H", after(72), delayed("M-HOME-72H", 500)) == ("reached",)
    assert verdict("M-REST-24H", after(), delayed("M-REST-24H", 500)) == ("active",)


@pytest.mark.parametrize(
    ("milestone", "key"), [("M-DRIVE-48H", "no_drive_until"), ("M-WORK-48H", "no_work_until")]
)
def test_driving_and_work_wait_for_the_clinics_local_date(milestone: str, key: str) -> None:
    record = patient(overrides={key: "2026-06-06"})
    the_day = MIDNIGHT + timedelta(days=4)
    assert verdict(milestone, the_day - SECOND, record) == ("withheld", "clinic_override")
    assert verdict(milestone, the_day, record) == ("reached",)
    forever = patient(overrides={key: "until_cleared"})
    assert verdict(milestone, after(days=900), forever) == ("withheld", "clinic_override")


def test_a_clinic_date_in_the_past_lifts_no_other_gate() -> None:
    record = patient(overrides={"no_drive_until": "2026-06-01"})
    assert verdict("M-DRIVE-48H", after(48) - SECOND, record) == ("not_yet",)
    assert verdict("M-DRIVE-48H", after(48), record, last_log_at=None) == ("withheld", "no_recent_log")


def test_clearing_lifting_lets_physical_work_go_on_but_not_hard_exercise() -> None:
    record = patient(job_type="physical", overrides={"heavy_cleared_on": "2026-06-01"})
    assert verdict("M-WORK-48H", after(48), record) == ("reached",)
    assert verdict("M-HEAVY-LIMIT", after(48), record) == ("ended",)
    assert verdict("M-STREN-28D", after(days=28), record) == ("ask_first", "needs_clearance")
