"""PURE: where an alert puts its patient on the worklist. Lower comes first."""

OPEN_BY_PRIORITY = {"P0": 0, "P1": 10, "P2": 20}
ACKED_911 = 30
ACKED_DOCTOR_NOW = 40
SILENT = 50
WATCH_AT_RISK = 60
WATCH = 61
SNOOZED = 80
REST = 90


def rank(*, state: str, tier: str, priority: str, silent: bool = False, snoozed: bool = False) -> int:
    """The rank of an alert by its state, tier and nurse priority; silent says that RW-24 is among its signs,
    snoozed that somebody put this watch item off."""
    if state not in ("open", "acked"):
        return REST
    if tier == "watch":
        if snoozed:
            return SNOOZED
        return SILENT if silent else WATCH_AT_RISK if priority == "P3" else WATCH
    if state == "acked":
        return ACKED_911 if tier == "call_911" else ACKED_DOCTOR_NOW
    return OPEN_BY_PRIORITY["P0"] if tier == "call_911" else OPEN_BY_PRIORITY.get(priority, 20)
