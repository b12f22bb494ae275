"""The four words everything else is built on, calm to urgent."""

from __future__ import annotations

ON_TRACK = "on_track"
WATCH = "watch"
CALL_DOCTOR_NOW = "call_doctor_now"
CALL_911 = "call_911"

TIERS = (ON_TRACK, WATCH, CALL_DOCTOR_NOW, CALL_911)
TIER_LABELS = {
    ON_TRACK: "On track",
    WATCH: "Watch",
    CALL_DOCTOR_NOW: "Call your doctor now",
    CALL_911: "Call 911",
}
RANK = {tier: rank for rank, tier in enumerate(TIERS)}


def most_urgent(tiers: list[str]) -> str:
    """The highest of some tiers; on_track when there are none."""
    return max(tiers, key=RANK.__getitem__, default=ON_TRACK)
