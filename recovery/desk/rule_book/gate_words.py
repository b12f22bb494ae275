"""When a milestone's time comes and what may hold it back, in a clinician's words."""

from collections.abc import Mapping
from typing import Any

from recovery.plan.book import Book, Entry, Gate

# What a gate does to its milestone.
THEN_WORDS = {
    "withheld": "Held back when",
    "ask_first": "Ask first when",
    "ended": "Over when",
    "not_applicable": "Not shown when",
    "reached": "Told when",
}
# One line for each test of recovery.plan.gates.
GATE_WORDS = {
    "tier_911": "the last verdict is call 911",
    "tier_doctor_now": "the last verdict is call doctor now, or 911",
    "tier_watch": "the last verdict is watch",
    "tier_watch_or_worse": "the last verdict is watch, call doctor now, or 911",
    "leg_sign": "a leg sign is open: numb, weak, spreading pain, a leg that does not move or hold, cannot walk",
    "leg_or_fall": "a leg sign is open, or there was a fall in the last 24 h",
    "bleeding_or_fall_hurt": "there is any bleeding, a growing bruise, coughed-up blood, or a fall with a hurt",
    "held_back": "it was held back on its day: until a clinician sets a day again",
    "restart_day_long_past": "its day was more than {restart_asked_days} days ago, unless it was held back",
    "doctor_now_with_site_fever_numb": "it is doctor-now with a needle-spot sign, fever or numbness",
    "no_recent_log": "the last log is older than {fresh_log_hours} h",
    "opioid_24h": "a strong pain pill was taken in the last {opioid_clear_hours} h",
    "opioid_unknown": "nobody said when the last strong pain pill was taken",
    "strong_pill_answer_old": (
        "strong pain pills are prescribed and the last answer about them is older than"
        " {strong_pill_answer_hours} h"
    ),
    "no_drive_until": "the clinic set a later date for driving",
    "no_work_until": "the clinic set a later date for work",
    "ice_not_ok": "the clinic said no ice",
    "heavy_cleared": "the clinic cleared lifting, bending and twisting",
    "hard_exercise_not_cleared": "the clinic has not cleared hard exercise",
    "time_to_ask_about_lifting": "day {heavy_ask_day} has come, the patient is on track, and the log is fresh",
    "no_job": "the patient has no job on file",
    "physical_job_not_cleared": "the job is physical and the clinic has not cleared lifting",
    "site_pain": "the needle spot still hurts",
    "not_sore": "the spot is neither sore nor swollen",
    "window_over": "its hours are over",
    "thinner_not_held": "no blood thinner is on hold",
    "brace_not_prescribed": "no brace is prescribed",
    "brace_over": "the last day of the brace has passed",
    "pt_not_ordered": "no PT is ordered",
    "visit_over": "the visit is over",
    "no_visit_set": "no visit is set",
}
TYPE_WORDS = {
    "limit": "Limit: never held back",
    "care": "Care",
    "permission": "Permission",
    "education": "Education",
    "visit": "Visit",
    "check": "Check",
    "medicine": "Medicine",
}
DATE_WORDS = {
    "thinner_restart_on": "on the restart date the clinic set",
    "pt_start_on": "on the day PT starts",
    "next_visit_at": "the day before the visit and on its morning; on day {visit_prompt_day} when none is set",
}


def when_words(entry: Entry, book: Book) -> str:
    """From when to when: "from 48 h", "0 to 24 h", "from day 14"."""
    ((kind, value),) = entry.start.items()
    if kind == "hours":
        return f"{value} to {entry.end_hours} h" if entry.end_hours else f"from {value} h"
    if kind == "days":
        repeats = f", then every {book.settings['monthly_every_days']} days" if entry.note == "monthly" else ""
        return f"from day {value}{repeats}"
    return _filled(DATE_WORDS[value], book.settings)


def gate_words(gate: Gate, book: Book) -> str:
    """One gate as a sentence: "Held back when a leg sign is open"."""
    return f"{THEN_WORDS[gate.then]} {_filled(GATE_WORDS[gate.test], book.settings)}"


def _filled(words: str, settings: Mapping[str, Any]) -> str:
    return words.format_map(settings)
