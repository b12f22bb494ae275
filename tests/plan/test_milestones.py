"""Each row of the milestone table, on both sides of every boundary."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.plan.milestones import MilestoneStatus, evaluate
from tests.plan.cast import after, one, patient, verdict

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DN, P911 = "call_doctor_now", "call_911"


def days(number: int) -> datetime:
    return after(days=number)


@pytest.mark.parametrize("key", ["M-REST-24H", "M-NOLIFT-24H"])
def test_a_first_day_limit_runs_from_the_procedure_to_24_hours_at_any_tier(key: str) -> None:
    assert verdict(key, after() - SECOND) == ("not_yet",)
    for tier in ("on_track", "watch", DN, P911):
        assert verdict(key, after(), tier=tier) == ("active",)
        assert verdict(key, after(24) - SECOND, tier=tier) == ("active",)
        assert verdict(key, after(24), tier=tier) == ("ended",)


def test_the_lifting_limit_only_ends_by_the_clinic() -> None:
    assert verdict("M-HEAVY-LIMIT", after(24)) == ("active",)
    cleared = patient(overrides={"heavy_cleared_on": "2026-07-01"})
    assert verdict("M-HEAVY-LIMIT", after(days=29, hours=13.9), cleared) == ("active",)
    assert verdict("M-HEAVY-LIMIT", after(days=29, hours=14), cleared) == ("ended",)


def test_the_lifting_limit_asks_at_42_days_only_when_on_track_with_a_fresh_log() -> None:
    now = days(42)
    assert verdict("M-HEAVY-LIMIT", now - SECOND) == ("active",)
    assert verdict("M-HEAVY-LIMIT", now) == ("ask_first", "needs_clearance")
    assert verdict("M-HEAVY-LIMIT", now, tier="watch") == ("active",)
    assert verdict("M-HEAVY-LIMIT", now, last_log_at=now - 36 * HOUR - SECOND) == ("active",)


def test_ice_runs_for_72_hours_while_sore_or_swollen() -> None:
    assert verdict("M-ICE-72H", after(1), pain_site=1) == ("active",)
    assert verdict("M-ICE-72H", after(1), site_swelling="small_not_growing") == ("active",)
    assert verdict("M-ICE-72H", after(72) - SECOND, pain_site=1) == ("active",)
    assert verdict("M-ICE-72H", after(72), pain_site=1) == ("ended",)
    assert verdict("M-ICE-72H", after(1)) == ("ended",)
    assert verdict("M-ICE-72H", after(1), pain_site=None, site_swelling=None) == ("ended",)


def test_ice_is_held_by_the_clinic_by_911_and_by_a_site_fever_or_numb_sign_at_doctor_now() -> None:
    no_ice = patient(overrides={"ice_ok": False})
    assert verdict("M-ICE-72H", after(1), no_ice, pain_site=3) == ("withheld", "clinic_override")
    assert verdict("M-ICE-72H", after(1), tier=P911, pain_site=3) == ("withheld", "call_911")
    for sign in ("site_warmth", "site_pain_up", "fever", "numb"):
        held = verdict("M-ICE-72H", after(1), tier=DN, open_signs=[sign], pain_site=3)
        assert held == ("withheld", "site_or_numb_sign")
    assert verdict("M-ICE-72H", after(1), tier=DN, open_signs=["bladder"], pain_site=3) == ("active",)
    assert verdict("M-ICE-72H", after(1), tier="watch", open_signs=["numb"], pain_site=3) == ("active",)


def test_walking_comes_at_24_hours_and_waits_for_legs_falls_and_logs() -> None:
    now = after(24)
    assert verdict("M-WALK-24H", now - SECOND) == ("not_yet",)
    assert verdict("M-WALK-24H", now) == ("reached",)
    assert verdict("M-WALK-24H", now, tier="watch") == ("ask_first", "watch")
    assert verdict("M-WALK-24H", now, tier=DN) == ("withheld", DN)
    assert verdict("M-WALK-24H", now, tier="watch", open_signs=["weak"]) == ("withheld", "leg_or_fall")
    assert verdict("M-WALK-24H", now, open_signs=["fall_recent"]) == ("withheld", "leg_or_fall")
    assert verdict("M-WALK-24H", now, last_log_at=None) == ("withheld", "no_recent_log")


@pytest.mark.parametrize(
    "sign", ["numb", "weak", "spread_pain", "em_leg_move", "weak_stand_cannot", "cannot_walk"]
)
def test_a_leg_sign_withholds_driving_even_when_acknowledged(sign: str) -> None:
    assert verdict("M-DRIVE-48H", after(48), tier="watch", open_signs=[sign]) == ("withheld", "leg_sign")


def test_driving_comes_at_48_hours_and_asks_first_at_watch() -> None:
    assert verdict("M-DRIVE-48H", after(48) - SECOND) == ("not_yet",)
    assert verdict("M-DRIVE-48H", after(48)) == ("reached",)
    assert verdict("M-DRIVE-48H", after(48), tier="watch") == ("ask_first", "watch")


def test_an_opioid_withholds_driving_until_exactly_24_hours_have_passed() -> None:
    now = after(60)
    assert verdict("M-DRIVE-48H", now, opioid_last_dose_at=now - 24 * HOUR) == ("reached",)
    assert verdict("M-DRIVE-48H", now, opioid_last_dose_at=now - 24 * HOUR + SECOND) == ("withheld", "opioid_24h")


def test_an_opioid_question_never_answered_withholds_driving() -> None:
    now = after(60)
    from_state = {"tier": "on_track", "last_log_at": now}
    found = _evaluate_raw(from_state, now)["M-DRIVE-48H"]
    assert (found.status, *found.reasons) == ("withheld", "opioid_unknown")


def test_driving_asks_first_once_the_answer_about_prescribed_strong_pills_is_older_than_a_day() -> None:
    now, pills = after(60), patient(opioid_prescribed=True)
    old = now - 24 * HOUR - SECOND
    asked = ("ask_first", "opioid_unknown")
    assert verdict("M-DRIVE-48H", now, pills, strong_pill_answer_at=now - 24 * HOUR) == ("reached",)
    assert verdict("M-DRIVE-48H", now, pills, strong_pill_answer_at=old) == asked
    # Without a time of the answer it is the last log's.
    assert verdict("M-DRIVE-48H", now, pills, last_log_at=old) == asked
    assert verdict("M-DRIVE-48H", now, pills, strong_pill_answer_at=old, tier="watch") == (
        "ask_first",
        "watch",
        "opioid_unknown",
    )
    assert verdict("M-DRIVE-48H", now, strong_pill_answer_at=old) == ("reached",)
    assert one("M-DRIVE-48H", now, pills, strong_pill_answer_at=old).text == "Ask your doctor before you drive."


def test_a_log_exactly_36_hours_old_is_fresh() -> None:
    now = after(60)
    for key in ("M-WALK-24H", "M-DRIVE-48H", "M-WORK-48H"):
        assert verdict(key, now, last_log_at=now - 36 * HOUR) == ("reached",)
        assert verdict(key, now, last_log_at=now - 36 * HOUR - SECOND) == ("withheld", "no_recent_log")


def test_all_gates_that_withhold_are_named_in_the_order_of_the_table() -> None:
    now = after(60)
    record = patient(overrides={"no_drive_until": "until_cleared"})
    state = {"tier": DN, "last_log_at": None, "open_signs": ["numb"], "opioid_last_dose_at": now}
    held = verdict("M-DRIVE-48H", now, record, **state)
    assert held == ("withheld", DN, "clinic_override", "no_recent_log", "leg_sign", "opioid_24h")


def test_work_is_only_for_those_with_a_job_and_physical_work_waits_for_clearance() -> None:
    now = after(48)
    assert verdict("M-WORK-48H", now, patient(job_type="none")) == ("not_applicable",)
    assert verdict("M-WORK-48H", now, patient(job_type=None)) == ("not_applicable",)
    assert verdict("M-WORK-48H", now, patient(job_type="physical")) == ("withheld", "physical_job")
    cleared = patient(job_type="physical", overrides={"heavy_cleared_on": "2026-06-03"})
    assert verdict("M-WORK-48H", now, cleared) == ("reached",)


def test_work_asks_first_after_an_opioid_or_at_watch() -> None:
    now = after(48)
    assert verdict("M-WORK-48H", now, opioid_last_dose_at=now - HOUR, tier="watch") == (
        "ask_first",
        "opioid_24h",
        "watch",
    )
    assert verdict("M-WORK-48H", now, opioid_last_dose_at=now - 24 * HOUR) == ("reached",)
    assert verdict("M-WORK-48H", now, tier=P911) == ("withheld", P911)


@pytest.mark.parametrize(
    ("key", "due"),
    [("M-HOME-72H", after(72)), ("M-BONE-14D", after(days=14)), ("M-LONG", after(days=90))],
)
def test_education_waits_only_for_its_time_and_for_doctor_now(key: str, due: datetime) -> None:
    assert verdict(key, due - SECOND) == ("not_yet",)
    assert verdict(key, due, tier="watch", last_log_at=None) == ("reached",)
    assert verdict(key, due, tier=DN) == ("withheld", DN)
    assert verdict(key, due, tier=P911) == ("withheld", P911)


def test_light_chores_come_after_14_days() -> None:
    assert verdict("M-LIGHT-14D", days(14) - SECOND) == ("not_yet",)
    assert verdict("M-LIGHT-14D", days(14)) == ("reached",)
    assert verdict("M-LIGHT-14D", days(14), tier="watch") == ("ask_first", "watch")
    assert verdict("M-LIGHT-14D", days(14), tier="watch", last_log_at=None) == ("withheld", "no_recent_log")


def test_the_needle_spot_check_says_call_your_clinic_while_it_still_hurts() -> None:
    assert verdict("M-SITE-21D", days(21)) == ("reached",)
    assert verdict("M-SITE-21D", days(21), pain_site=None) == ("reached",)
    assert verdict("M-SITE-21D", days(21), tier=DN) == ("withheld", DN)
    sore = one("M-SITE-21D", days(21), pain_site=1)
    assert (sore.status, sore.reasons) == ("ask_first", ("site_pain_still_there",))
    assert sore.text == "The needle spot should not hurt by now. Call your clinic in office hours."
    assert verdict("M-SITE-21D", days(21), tier=DN, pain_site=4) == ("withheld", DN)


@pytest.mark.parametrize(("key", "number"), [("M-STREN-28D", 28), ("M-STREN-42D", 42)])
def test_hard_exercise_is_withheld_at_watch_and_reached_only_when_cleared(key: str, number: int) -> None:
    now = days(number)
    assert verdict(key, now - SECOND) == ("not_yet",)
    assert verdict(key, now) == ("ask_first", "needs_clearance")
    assert verdict(key, now, tier="watch", last_log_at=None) == ("withheld", "watch", "no_recent_log")
    cleared = patient(overrides={"strenuous_cleared_on": now.date()})
    assert verdict(key, now, cleared) == ("reached",)
    assert verdict(key, now, cleared, tier="watch") == ("withheld", "watch")
    later = patient(overrides={"strenuous_cleared_on": now.date() + timedelta(days=1)})
    assert verdict(key, now, later) == ("ask_first", "needs_clearance")


def test_a_held_blood_thinner_is_active_until_nine_on_its_day() -> None:
    held = patient(blood_thinner_held=True, thinner_restart_on="2026-06-05")
    assert verdict("M-MEDS-HOLD", after(days=3, hours=23) - SECOND, held) == ("active",)
    assert verdict("M-MEDS-HOLD", after(days=3, hours=23), held) == ("reached",)
    assert verdict("M-MEDS-HOLD", after(), patient(blood_thinner_held=True)) == ("active", "no_date_set")
    assert verdict("M-MEDS-HOLD", after(), patient(blood_thinner_held=False)) == ("not_applicable",)


@pytest.mark.parametrize(
    "sign",
    ["site_bruise_growing", "RW-09", "site_bleeding", "RW-08", "thinner_bleed", "em_cough_blood", "fall_hurt"],
)
def test_a_blood_thinner_is_not_restarted_over_bleeding_or_a_fall_with_a_hurt(sign: str) -> None:
    held = patient(blood_thinner_held=True, thinner_restart_on="2026-06-05")
    found = one("M-MEDS-HOLD", days(4), held, tier="watch", open_signs=[sign])
    assert (found.status, found.reasons) == ("withheld", ("call_before_restart",))
    assert found.text == "Call before you start it."
    assert verdict("M-MEDS-HOLD", days(4), held, tier=DN) == ("withheld", DN)


def test_a_brace_is_spoken_of_only_when_prescribed_and_until_its_last_day() -> None:
    assert verdict("M-BRACE", after(1)) == ("not_applicable",)
    braced = patient(brace_prescribed=True, brace_until="2026-06-03")
    assert verdict("M-BRACE", after(1), braced, tier=P911) == ("active",)
    assert verdict("M-BRACE", after(61.9), braced) == ("active",)
    assert verdict("M-BRACE", after(62), braced) == ("ended",)


def test_pt_starts_at_nine_on_its_date_if_ordered() -> None:
    assert verdict("M-PT", days(30)) == ("not_applicable",)
    assert verdict("M-PT", days(30), patient(pt_ordered=True)) == ("not_yet", "no_date_set")
    ordered = patient(pt_ordered=True, pt_start_on="2026-06-15")
    assert verdict("M-PT", after(days=13, hours=23) - SECOND, ordered) == ("not_yet",)
    assert verdict("M-PT", after(days=13, hours=23), ordered, tier="watch") == ("reached",)
    assert verdict("M-PT", after(days=13, hours=23), ordered, tier=DN) == ("withheld", DN)


def test_without_a_visit_the_card_asks_for_one_from_day_seven() -> None:
    assert verdict("M-FOLLOWUP", days(7) - SECOND) == ("not_yet",)
    prompt = one("M-FOLLOWUP", days(7), tier=DN)
    assert (prompt.status, prompt.reasons) == ("reached", ("no_visit_set",))
    assert prompt.text == "Call to set up a visit."


def test_a_visit_is_soon_from_nine_the_day_before_until_it_begins() -> None:
    visit = patient(next_visit_at="2026-06-20T14:00:00-04:00")
    assert verdict("M-FOLLOWUP", after(days=17, hours=23) - SECOND, visit) == ("not_yet",)
    assert one("M-FOLLOWUP", after(days=17, hours=23), visit).text == "You have a visit soon."
    assert verdict("M-FOLLOWUP", after(days=19, hours=4) - SECOND, visit) == ("reached",)
    assert verdict("M-FOLLOWUP", after(days=19, hours=4), visit) == ("ended",)


def test_a_withheld_card_says_why_only_for_pill_log_and_clinic() -> None:
    now = after(60)
    hold = "Hold off for now. We will tell you when."
    assert one("M-DRIVE-48H", now, tier=DN).text == hold
    assert one("M-DRIVE-48H", now, open_signs=["numb"]).text == hold
    assert one("M-DRIVE-48H", now, last_log_at=None).text == f"{hold} We have no new log from you."


def test_before_the_procedure_everything_that_applies_is_not_yet() -> None:
    record = patient(brace_prescribed=True, blood_thinner_held=True, pt_ordered=True)
    for key, found in _evaluate_raw({"tier": P911}, after() - SECOND, record).items():
        assert (key, found.status) == (key, "not_yet")


def _evaluate_raw(
    state: dict[str, Any], now: datetime, record: dict[str, Any] | None = None
) -> dict[str, MilestoneStatus]:
    return evaluate(record or patient(), state, now)
