"""Clinic settings in words: values, bounds, the stricter direction, and where each is used."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from patients.templatetags.kypho import day
from recovery.models import ClinicSetting
from recovery.plan.book import default_book
from recovery.triage.config import Setting, numbers_in, settings
from recovery.triage.uses import rules_using

GROUP_WORDS = {
    "fever": "Fever",
    "pain": "Pain and the needle spot",
    "silence": "Silence",
    "times": "Times of notes",
    "medicines": "Medicines",
    "answers": "Answers and call-backs",
    "billing": "The RTM report",
}
STRICTER_WORDS = {
    "lower": "Lower is stricter.",
    "higher": "Higher is stricter.",
    "shorter": "Quiet at a new time of day is less strict.",
    "more": "Fewer are less strict.",
    "first": "The first is stricter.",
    "neither": "Neither way is less strict.",
}
# Gates and notes of the plan that use a setting.
GATES = {
    "no_recent_log": "fresh_log_h",
    "time_to_ask_about_lifting": "fresh_log_h",
    "opioid_24h": "opioid_clear_h",
}
NOTES = {
    "note_time_local": ("M-FOLLOWUP", "M-MEDS-HOLD", "M-BRACE", "M-PT"),
    "visit_day_note_local": ("M-FOLLOWUP",),
    "visit_prompt_day": ("M-FOLLOWUP",),
    "ice_slots_local": ("M-ICE-72H",),
    "ice_end_h": ("M-ICE-72H",),
}
ELSEWHERE = {
    "fallback_min": "the advice after a call-doctor-now log",
    "log_reminder_local": "the “please log” notes",
    "quiet_hours": "every note",
    "ack_ttl_h": "the time an alert rests after a contact",
    "missed_log_h": "the nurse’s task for a silent patient",
    **dict.fromkeys(
        ("rtm_days_short", "rtm_days_long", "rtm_minutes_short", "rtm_minutes_long"), "the RTM report alone"
    ),
}
_PHASES = {"336": "to day 14", "1008": "to day 42", "2160": "to day 90", "later": "later"}
_MINUTES = {"weak": "weakness", "bladder": "bladder", "bowel": "bowel"}


def value_words(setting: Setting, value: Any) -> str:
    """Return a value in words: 100.4 °F; 93 to 110 °F; 21:00 to 08:00; 48 hours to day 14, then …"""
    match setting.kind:
        case "span":
            return f"{value[0]:g} to {value[1]:g} {setting.unit}"
        case "phases":
            numbers = numbers_in(setting, value)
            return ", ".join(f"{gap:g} h {_PHASES[part]}" for part, gap in numbers.items())
        case "minutes":
            numbers = numbers_in(setting, value)
            others = ", ".join(f"{_MINUTES[part]} {numbers[part]:g}" for part in _MINUTES)
            return f"{numbers['default']:g} minutes; {others}"
        case "window":
            return f"{value[0]} to {value[1]}"
        case "choice":
            return setting.options[value]
        case "clock":
            return str(value)
        case "clocks":
            return ", ".join(value)
        case _:
            return f"{value:g} {setting.unit}"


def bounds_words(setting: Setting) -> str:
    """Return the bounds of a setting in words."""
    match setting.kind:
        case "number":
            low, high = setting.parts[""]
            return f"{low:g} to {high:g} {setting.unit}"
        case "span" | "phases" | "minutes":
            words = {**_PHASES, **_MINUTES, "default": "most signs", "lowest": "lowest", "highest": "highest"}
            return ", ".join(f"{words[part]}: {_range(*bounds)}" for part, bounds in setting.parts.items())
        case "clocks":
            return f"{setting.most[0]} to {setting.most[1]} times"
        case "choice":
            return " or ".join(setting.options.values())
        case "window":
            return "at most 16 hours"
        case _:
            return "any time of the day"


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def used_by(key: str) -> tuple[str, ...]:
    """Return the ids of the rules and milestones that use a setting."""
    steps = [
        entry.id
        for entry in default_book().entries
        if entry.id in NOTES.get(key, ()) or any(GATES.get(gate.test) == key for gate in entry.gates)
    ]
    return (*rules_using().get(key, ()), *steps)


def clinic_lines(rows: list[ClinicSetting], zone: str) -> tuple[tuple[str, str], ...]:
    """Return (rule or milestone, one line) for every rule whose numbers these rows change."""
    lines = []
    for row in rows:
        setting = settings().get(row.key)
        if setting is None or row.value == setting.default:
            continue
        said = f"{setting.label}: {value_words(setting, row.value)} since {_day(row.effective_from, zone)}"
        lines += [(identifier, said) for identifier in used_by(row.key)]
    return tuple(lines)


def by_rule(lines: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the lines by rule."""
    found: dict[str, tuple[str, ...]] = {}
    for identifier, said in lines:
        found[identifier] = (*found.get(identifier, ()), said)
    return found


def _day(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local)} {local.year}"
