"""The facts a condition may use, and the kind of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from patients.tiers import ALERT_TIERS, TIERS, URGENT
from recovery.language.kinds import ACK_LEVELS, BOOL, DATE, NUMBER, Kind
from recovery.triage.facts import FACT_TYPES, OVERRIDE_DATES, read_fields

_PLAIN = {"number": NUMBER, "integer": NUMBER, "date": DATE, "text": Kind("text", nullable=True)}
_SITUATION = {
    "log_given": BOOL,
    "hours": Kind("number"),
    "last_pain": NUMBER,
    "low7_pain": NUMBER,
    "low_since48": NUMBER,
    "last_pain_site": NUMBER,
    "last_two_moods_low": BOOL,
    "silent_hours": Kind("number"),
    "silence_limit_hours": Kind("number"),
    "local_date": DATE,
    "says_911": Kind("set"),
    "says_doctor_now": Kind("set"),
    "says_self_harm": Kind("set"),
    "words_written": BOOL,
}


def raw_facts(content: Mapping[str, Any]) -> dict[str, Kind]:
    """Return the kind of every fact that facts.build_facts makes and a condition may use."""
    known = {name: Kind("number") for name in content["numbers"]}
    known |= {name: Kind("text", frozenset(values)) for name, values in content["choice_values"].items()}
    known |= {f["name"]: _field_kind(f, f["default"]) for f in content["patient"] if f["type"] in FACT_TYPES}
    known |= {field["code"]: _field_kind(field, field.get("default")) for field in read_fields(content)}
    known |= dict.fromkeys(OVERRIDE_DATES, DATE)
    known |= _SITUATION
    known["open_signs"] = Kind("set", sign_keys(content))
    return known


def latch_facts() -> dict[str, Kind]:
    """Return the facts that a rule of latch.toml may use about an alert or a sign."""
    return {
        "alert_tier": Kind("text", frozenset(ALERT_TIERS)),
        "alert_ack": Kind("text", frozenset(ACK_LEVELS)),
        "alert_age_hours": Kind("number"),
        "ack_age_hours": NUMBER,
        "sign_present": BOOL,
        "sign_hard": BOOL,
        "sign_fresh": BOOL,
        "sign_worse": BOOL,
    }


def fired_facts(content: Mapping[str, Any]) -> dict[str, Kind]:
    """Return the facts that a watch rule may use about the urgent rules before it."""
    names = (*URGENT, "latch")
    return {"fired": Kind("set", frozenset(rule["id"] for name in names for rule in content[name]["rule"]))}


def priority_facts(content: Mapping[str, Any]) -> dict[str, Kind]:
    """Return the facts that only a row of priorities.toml may use."""
    return {
        "tier": Kind("text", frozenset(TIERS)),
        "urgent_signs": Kind("set", sign_keys(content)),
        "hard_signs": Kind("set", sign_keys(content)),
    }


def sign_keys(content: Mapping[str, Any]) -> frozenset[str]:
    """Return every sign an alert may have: those of signs.toml and of the rules."""
    keys = {sign["key"] for sign in content["signs"]["sign"]}
    for name in reversed(ALERT_TIERS):
        keys |= {rule["sign"] for rule in content[name]["rule"]}
    return frozenset(keys)


def _field_kind(field: Mapping[str, Any], default: Any) -> Kind:
    if field["type"] == "bool":
        return Kind("bool", nullable=bool(field.get("nullable")))
    if field["type"] in ("enum", "set"):
        values = frozenset(v if isinstance(v, str) else v["code"] for v in field["values"])
        base = "text" if field["type"] == "enum" else "set"
        return Kind(base, values, nullable=field["type"] == "enum" and default is None)
    return _PLAIN[field["type"]]
