"""PURE: the rank of a patient on the worklist by their alert. Lower ranks come first."""

from alerts.states import ACKED, ACTIVE
from patients import tiers

OPEN_BY_PRIORITY = {"P0": 0, "P1": 10, "P2": 20}
ACKED_911 = 30
ACKED_DOCTOR_NOW = 40
SILENT = 50
WATCH_AT_RISK = 60
WATCH = 61
SNOOZED = 80
REST = 90


def rank(*, state: str, tier: str, priority: str, silent: bool = False, snoozed: bool = False) -> int:
    """The rank of an alert by its state, tier and nurse priority (0 to 90, lower first).

    silent: silence is among its signs. snoozed: the watch item is snoozed. Both count for watch items alone.
    """
    if state not in ACTIVE:
        return REST
    if tier == tiers.WATCH:
        if snoozed:
            return SNOOZED
        return SILENT if silent else WATCH_AT_RISK if priority == "P3" else WATCH
    if state == ACKED:
        return ACKED_911 if tier == tiers.CALL_911 else ACKED_DOCTOR_NOW
    return OPEN_BY_PRIORITY["P0"] if tier == tiers.CALL_911 else OPEN_BY_PRIORITY.get(priority, 20)
