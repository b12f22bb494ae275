"""The four tiers, from calm to urgent, with their names on screens."""

from __future__ import annotations


def gettext_noop(words: str) -> str:
    """Return the words unchanged; the name marks them for translation where a page shows them."""
    return words


ON_TRACK = "on_track"
WATCH = "watch"
CALL_DOCTOR_NOW = "call_doctor_now"
CALL_911 = "call_911"

TIERS = (ON_TRACK, WATCH, CALL_DOCTOR_NOW, CALL_911)
# The tiers that page staff, and the tiers an alert may have.
URGENT = (CALL_911, CALL_DOCTOR_NOW)
ALERT_TIERS = TIERS[1:]
# Short labels for staff and for the tags beside a log.
SHORT_LABELS = {
    CALL_911: gettext_noop("Call 911"),
    CALL_DOCTOR_NOW: gettext_noop("Call doctor now"),
    WATCH: gettext_noop("Watch"),
    ON_TRACK: gettext_noop("On track"),
}
TIER_LABELS = {
    ON_TRACK: gettext_noop("On track"),
    WATCH: gettext_noop("Watch"),
    CALL_DOCTOR_NOW: gettext_noop("Call your doctor now"),
    CALL_911: gettext_noop("Call 911"),
}
# Headings over the advice; static/js/tiers.js has the same for the phone.
HEADINGS = {CALL_911: gettext_noop("Call 911 now"), CALL_DOCTOR_NOW: gettext_noop("Call your doctor now")}
# The first words of the rule book's messages that send a patient to the ER at once (DF-47).
GO_TO_ER = gettext_noop("Go to the ER now")
NOT_URGENT = gettext_noop("What to do now")
RANK = {tier: rank for rank, tier in enumerate(TIERS)}


def most_urgent(tiers: list[str]) -> str:
    """Return the most urgent of these tiers; on_track when there are none."""
    return max(tiers, key=RANK.__getitem__, default=ON_TRACK)


def worse(one: str, other: str) -> str:
    """Return the more urgent of two tiers; an unknown or empty one counts as the calmest."""
    return max(one, other, key=lambda tier: RANK.get(tier, -1))


def heading(tier: str, *, er_now: bool) -> str:
    """Return the heading over a tier's advice. er_now: the message sends the patient to the ER at once."""
    return GO_TO_ER if er_now and tier == CALL_DOCTOR_NOW else HEADINGS.get(tier, NOT_URGENT)
