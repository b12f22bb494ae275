"""The names that tests of milestones.json and cards.toml may use, and their kinds (values: gates, card_facts)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from patients.tiers import TIERS
from recovery.language.kinds import BOOL, DATE, NUMBER, Kind

STATUSES = ("not_yet", "active", "reached", "ask_first", "withheld", "ended", "not_applicable")
JOBS = ("none", "desk", "physical")
_TEXT = Kind("text", nullable=True)
_SET = Kind("set")
# Names that both may use. Hours are real hours, null when unknown.
SITUATION: Mapping[str, Kind] = {
    "tier": Kind("text", frozenset(TIERS)),
    "open_signs": _SET,
    "today": Kind("date"),
    "heavy_cleared_on": DATE,
    "strenuous_cleared_on": DATE,
    "next_visit_in_hours": NUMBER,
    "blood_thinner_held": Kind("bool", nullable=True),
    "opioid_prescribed": BOOL,
    "pt_ordered": BOOL,
}
OF_A_MILESTONE: Mapping[str, Kind] = {
    "hours": Kind("number"),
    "end_hours": NUMBER,
    "since_log_hours": NUMBER,
    "since_opioid_hours": NUMBER,
    "opioid_known": BOOL,
    "since_strong_pill_answer_hours": NUMBER,
    "since_lifting_question_hours": Kind("number"),
    "no_drive_until": DATE,
    "no_work_until": DATE,
    "ice_ok": BOOL,
    "job_type": Kind("text", frozenset(JOBS), nullable=True),
    "pain_site": NUMBER,
    "swollen": BOOL,
    "thinner_restart_on": DATE,
    "since_restart_days": NUMBER,
    "held_back_on_its_day": BOOL,
    "brace_prescribed": BOOL,
    "brace_until": DATE,
}
# energy to pain_rest come from the last log while it is fresh; fall and pain_meds from the last log of any age.
OF_A_CARD: Mapping[str, Kind] = {
    "energy": _TEXT,
    "sleep": _TEXT,
    "mood": _TEXT,
    "pain_move": NUMBER,
    "pain_rest": NUMBER,
    "fall": _TEXT,
    "pain_meds": _SET,
    "meds_on_hold": BOOL,
    "clinic_texts": Kind("set", frozenset({"wound", "medicine"})),
}


def milestone_facts(data: Mapping[str, Any]) -> dict[str, Kind]:
    """Return all names for the tests of milestones.json, with its numbers and sign groups (leg_sign_group)."""
    numbers = {name: Kind("number") for name in numbers_of(data["settings"])}
    return {**SITUATION, **OF_A_MILESTONE, **group_facts(data["sign_groups"]), **numbers}


def card_facts(groups: Mapping[str, Any], milestones: Mapping[str, Any]) -> dict[str, Kind]:
    """Return all names for the tests of cards.toml, with sign groups and milestone statuses (m_ice_72h)."""
    status = Kind("text", frozenset(STATUSES))
    return {**SITUATION, **OF_A_CARD, **group_facts(groups), **dict.fromkeys(map(status_name, milestones), status)}


def numbers_of(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return the settings that are one number each."""
    return {name: value for name, value in settings.items() if isinstance(value, int | float)}


def group_facts(groups: Mapping[str, Any]) -> dict[str, Kind]:
    """Return the kind of each sign group's fact, a set."""
    return {group_name(name): _SET for name in groups}


def group_name(group: str) -> str:
    """Return the name of a sign group's fact, such as leg_sign_group."""
    return f"{group}_group"


def status_name(milestone: str) -> str:
    """Return the name of a milestone's status fact: m_ice_72h for M-ICE-72H."""
    return milestone.lower().replace("-", "_")
