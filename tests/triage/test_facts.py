"""Raw facts: the past in any order, the patient's own calendar, documented defaults."""

from typing import Any

import pytest

from recovery.triage.facts import build_facts, local_date
from recovery.triage.rulebook import load_rulebook

BEFORE_CLOCK_CHANGE = {"procedure_end_at": "2026-03-07T23:30:00-05:00", "time_zone": "America/New_York"}


def facts(hours: float = 100.0, log: dict | None = None, history: Any = (), **patient: Any) -> dict[str, Any]:
    return build_facts(patient, hours, {} if log is None else log, history, load_rulebook())


def entry(hours: float, **log: Any) -> dict[str, Any]:
    return {"hours": hours, "log": log}


def test_the_past_may_come_in_any_order() -> None:
    past = [entry(90, pain_move=4), entry(10, pain_move=9), entry(50, pain_move=2)]
    assert facts(history=past) == facts(history=past[::-1])
    assert facts(history=past)["last_pain"] == 4


def test_what_is_not_earlier_is_not_the_past() -> None:
    known = facts(history=[entry(100, pain_move=1), entry(101, pain_move=0)])
    assert (known["last_pain"], known["silent_hours"]) == (None, 100.0)


def test_a_log_from_before_the_procedure_counts_for_mood_alone() -> None:
    low = [entry(-4, pain_move=7, pain_site=3, mood="low"), entry(90, mood="low")]
    known = facts(history=low)
    assert (known["last_pain"], known["last_pain_site"], known["low7_pain"]) == (None, None, None)
    assert (known["last_two_moods_low"], known["silent_hours"]) == (True, 10)
    assert facts(history=low[:1])["silent_hours"] == 100.0
    assert facts(history=[entry(0.0, pain_move=7)])["last_pain"] == 7


def test_one_word_ends_silence_and_says_nothing_of_pain_or_mood() -> None:
    low = [entry(80, mood="low", pain_move=5), entry(85, mood="low"), entry(90, short_answer="fine", pain_move=0)]
    known = facts(history=low)
    assert (known["last_pain"], known["low7_pain"], known["last_two_moods_low"]) == (5, 5, True)
    assert known["silent_hours"] == 10


def test_the_low_since_day_two_leaves_out_the_last_week() -> None:
    past = [entry(47.9, pain_move=0), entry(48, pain_move=3), entry(100, pain_move=2), entry(132, pain_move=1)]
    assert facts(300, history=past)["low_since48"] == 2


def test_at_the_same_hour_the_later_entry_is_the_newer() -> None:
    assert facts(history=[entry(90, pain_site=1), entry(90, pain_site=5)])["last_pain_site"] == 5


def test_the_last_value_skips_logs_that_do_not_have_it() -> None:
    known = facts(history=[entry(80, pain_rest=3, pain_move=6), entry(90, mood="ok")])
    assert (known["last_pain"], known["last_pain_site"], known["silent_hours"]) == (6, None, 10)


def test_the_week_reaches_back_168_hours_and_no_further() -> None:
    assert facts(200, history=[entry(32, pain_move=1), entry(190, pain_move=5)])["low7_pain"] == 1
    assert facts(200, history=[entry(31.9, pain_move=1), entry(190, pain_move=5)])["low7_pain"] == 5


def test_low_mood_needs_both_logs_before() -> None:
    low = [entry(80, mood="low"), entry(90, mood="low")]
    assert facts(history=low)["last_two_moods_low"]
    assert not facts(history=[*low, entry(95)])["last_two_moods_low"]
    assert not facts(history=low[:1])["last_two_moods_low"]


def test_without_a_log_silence_counts_from_the_procedure() -> None:
    assert facts(70)["silent_hours"] == 70


def test_missing_answers_take_the_documented_default() -> None:
    known = facts(log={"em_breath": None})
    assert (known["em_breath"], known["numb"], known["em_gate"], known["numb_where"]) == ("none", "no", None, ())


@pytest.mark.parametrize(
    ("hours", "day"),
    [(0, "2026-03-07"), (0.5, "2026-03-08"), (23.4, "2026-03-08"), (23.5, "2026-03-09"), (-24, "2026-03-06")],
)
def test_the_local_day_follows_the_patients_clock_through_a_clock_change(hours: float, day: str) -> None:
    assert local_date(BEFORE_CLOCK_CHANGE, hours) == day


def test_the_local_day_is_unknown_without_a_procedure_and_utc_without_a_zone() -> None:
    assert local_date({}, 5) is None
    assert local_date({"procedure_end_at": "2026-03-07T23:30:00-05:00", "time_zone": None}, 0) == "2026-03-08"


@pytest.mark.parametrize(("hours", "day"), [(1e300, "9999-12-31"), (-1e300, "0001-01-01"), (1e8, "9999-12-31")])
def test_an_hour_beyond_the_calendar_is_its_last_day(hours: float, day: str) -> None:
    assert local_date(BEFORE_CLOCK_CHANGE, hours) == day


def test_a_clinic_may_lower_the_fever_line_and_not_raise_it() -> None:
    overrides = {"fever_threshold_f": 99.9, "fever_threshold_c": 39.0}
    known = facts(clinic_overrides=overrides)
    assert (known["fever_threshold_f"], known["fever_threshold_c"]) == (99.9, 38.0)


def test_the_clinics_own_cap_replaces_the_default_cap() -> None:
    assert facts(apap_max_mg=2500)["apap_max_mg"] == 2500
    assert facts(apap_max_mg=None)["apap_max_mg"] == 4000


def test_only_open_alerts_are_open() -> None:
    alerts = [
        {"sign": "numb", "tier": "call_doctor_now", "opened_hours": 1},
        {"sign": "weak", "tier": "call_doctor_now", "opened_hours": 1, "status": "resolved"},
    ]
    assert facts(alerts=alerts)["open_signs"] == ("numb",)
