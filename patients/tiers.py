"""The four words everything else is built on, calm to urgent."""

from __future__ import annotations

ON_TRACK = "on_track"
WATCH = "watch"
CALL_DOCTOR_NOW = "call_doctor_now"
CALL_911 = "call_911"

TIERS = (ON_TRACK, WATCH, CALL_DOCTOR_NOW, CALL_911)
# Those somebody is paged for, and those an alert may have.
URGENT = (CALL_911, CALL_DOCTOR_NOW)
ALERT_TIERS = TIERS[1:]
# Short, for staff and for the tags beside a log.
SHORT_LABELS = {
    CALL_911: "Call 911",
    CALL_DOCTOR_NOW: "Call doctor now",
    WATCH: "Watch",
    ON_TRACK: "On track",
}
TIER_LABELS = {
    ON_TRACK: "On track",
    WATCH: "Watch",
    CALL_DOCTOR_NOW: "Call your doctor now",
    CALL_911: "Call 911",
}
# What stands over what to do now; the phone's twin is static/js/tiers.js.
HEADINGS = {CALL_911: "Call 911 now", CALL_DOCTOR_NOW: "Call your doctor now"}
# The first words of the rule book's messages that send somebody to the ER at once (DF-47).
GO_TO_ER = "Go to the ER now"
NOT_URGENT = "What to do now"
RANK = {tier: rank for rank, tier in enumerate(TIERS)}


def most_urgent(tiers: list[str]) -> str:
    """The highest of some tiers; on_track when there are none."""
    return max(tiers, key=RANK.__getitem__, default=ON_TRACK)


def worse(one: str, other: str) -> str:
    """The more urgent of two tiers; an unknown or empty one counts for nothing."""
    return max(one, other, key=lambda tier: RANK.get(tier, -1))


def heading(tier: str, *, er_now: bool) -> str:
    """Over the advice of a tier. er_now: its message sends the patient to the ER at once."""
    return GO_TO_ER if er_now and tier == CALL_DOCTOR_NOW else HEADINGS.get(tier, NOT_URGENT)
