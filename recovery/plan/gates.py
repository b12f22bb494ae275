"""The tests that the gates of milestones.json name. Each answers one yes/no question about a situation. Pure."""

from collections.abc import Callable
from datetime import date, timedelta

from patients.tiers import ALERT_TIERS, CALL_911, CALL_DOCTOR_NOW, ON_TRACK, URGENT, WATCH
from recovery.plan.book import Book, Entry
from recovery.plan.clock import elapsed_hours
from recovery.plan.keys import dated_key
from recovery.plan.situation import Situation

Test = Callable[[Situation, Book, Entry], bool]


def _has(group: str) -> Test:
    return lambda s, book, entry: bool(s.open_signs & book.sign_groups[group])


def _tier_in(*tiers: str) -> Test:
    return lambda s, book, entry: s.tier in tiers


def _no_recent_log(s: Situation, book: Book, entry: Entry) -> bool:
    age = s.since_log_hours()
    return age is None or age > book.settings["fresh_log_hours"]


def _opioid_24h(s: Situation, book: Book, entry: Entry) -> bool:
    dose = s.opioid_last_dose_at
    return dose is not None and elapsed_hours(dose, s.now) < book.settings["opioid_clear_hours"]


def _strong_pill_answer_old(s: Situation, book: Book, entry: Entry) -> bool:
    # Pills were prescribed, and what was said of them is no longer about today.
    answered = s.strong_pill_answer_at
    limit = book.settings["strong_pill_answer_hours"]
    return s.opioid_prescribed and (answered is None or elapsed_hours(answered, s.now) > limit)


def _came(day: date | None, today: date) -> bool:
    return day is not None and today >= day


def _waits(day: date | None, today: date) -> bool:
    return day is not None and today < day


def _leg_or_fall(s: Situation, book: Book, entry: Entry) -> bool:
    return bool(s.open_signs & (book.sign_groups["leg_sign"] | book.sign_groups["fall_recent"]))


def _physical_job_not_cleared(s: Situation, book: Book, entry: Entry) -> bool:
    # C-10, AM-02: physical work waits for the lifting clearance.
    return s.job_type == "physical" and not _came(s.overrides.heavy_cleared_on, s.today)


def _time_to_ask_about_lifting(s: Situation, book: Book, entry: Entry) -> bool:
    ask_at = s.day(book.settings["heavy_ask_day"])
    return s.now >= ask_at and s.tier == ON_TRACK and not _no_recent_log(s, book, entry)


def _doctor_now_with_site_fever_numb(s: Situation, book: Book, entry: Entry) -> bool:
    return s.tier == CALL_DOCTOR_NOW and bool(s.open_signs & book.sign_groups["site_fever_numb"])


def _window_over(s: Situation, book: Book, entry: Entry) -> bool:
    return entry.end_hours is not None and s.hours >= entry.end_hours


def _thinner_not_held(s: Situation, book: Book, entry: Entry) -> bool:
    # A restart date that a clinician set speaks for a hold that nobody ticked.
    if s.blood_thinner_held is None:
        return s.start_dates["thinner_restart_on"] is None
    return not s.blood_thinner_held


def _held_back(s: Situation, book: Book, entry: Entry) -> bool:
    # Once the day came and it was withheld, a clinician has to set a day again: another day is another key.
    return dated_key(entry, s) in s.held_back


def _restart_day_long_past(s: Situation, book: Book, entry: Entry) -> bool:
    day = s.start_dates["thinner_restart_on"]
    if day is None or _held_back(s, book, entry):
        return False
    return s.today > day + timedelta(days=book.settings["restart_asked_days"])


def _bleeding_or_fall_hurt(s: Situation, book: Book, entry: Entry) -> bool:
    return bool(s.open_signs & (book.sign_groups["bleeding_sign"] | book.sign_groups["fall_hurt"]))


def _visit_over(s: Situation, book: Book, entry: Entry) -> bool:
    return s.next_visit_at is not None and s.now >= s.next_visit_at


def _brace_over(s: Situation, book: Book, entry: Entry) -> bool:
    return s.brace_until is not None and s.today > s.brace_until


TESTS: dict[str, Test] = {
    "tier_911": _tier_in(CALL_911),
    "tier_doctor_now": _tier_in(*URGENT),
    "tier_watch": _tier_in(WATCH),
    "tier_watch_or_worse": _tier_in(*ALERT_TIERS),
    "leg_sign": _has("leg_sign"),
    "leg_or_fall": _leg_or_fall,
    "bleeding_or_fall_hurt": _bleeding_or_fall_hurt,
    "held_back": _held_back,
    "restart_day_long_past": _restart_day_long_past,
    "doctor_now_with_site_fever_numb": _doctor_now_with_site_fever_numb,
    "no_recent_log": _no_recent_log,
    "opioid_24h": _opioid_24h,
    "opioid_unknown": lambda s, book, entry: not s.opioid_known,
    "strong_pill_answer_old": _strong_pill_answer_old,
    "no_drive_until": lambda s, book, entry: _waits(s.overrides.no_drive_until, s.today),
    "no_work_until": lambda s, book, entry: _waits(s.overrides.no_work_until, s.today),
    "ice_not_ok": lambda s, book, entry: not s.overrides.ice_ok,
    "heavy_cleared": lambda s, book, entry: _came(s.overrides.heavy_cleared_on, s.today),
    "hard_exercise_not_cleared": lambda s, book, entry: not _came(s.overrides.strenuous_cleared_on, s.today),
    "time_to_ask_about_lifting": _time_to_ask_about_lifting,
    "no_job": lambda s, book, entry: s.job_type in (None, "none"),
    "physical_job_not_cleared": _physical_job_not_cleared,
    "site_pain": lambda s, book, entry: (s.pain_site or 0) >= 1,
    "not_sore": lambda s, book, entry: not s.pain_site and not s.swollen,
    "window_over": _window_over,
    "thinner_not_held": _thinner_not_held,
    "brace_not_prescribed": lambda s, book, entry: not s.brace_prescribed,
    "brace_over": _brace_over,
    "pt_not_ordered": lambda s, book, entry: not s.pt_ordered,
    "visit_over": _visit_over,
    "no_visit_set": lambda s, book, entry: s.next_visit_at is None,
}
