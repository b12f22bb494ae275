"""One patient to vary: Ada in New York, whose procedure ended on a Monday at 10:00. All is well unless told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recovery.plan.milestones import MilestoneStatus, evaluate

NEW_YORK = ZoneInfo("America/New_York")
END = datetime(2026, 6, 1, 10, 0, tzinfo=NEW_YORK)

# Half-hour offsets, both hemispheres, half an hour of DST (Lord Howe), no DST, changes at midnight (Beirut).
ZONES = [
    "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo", "America/Santiago",
    "Europe/London", "Europe/Berlin", "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut",
    "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
]  # fmt: skip


def wall(text: str) -> datetime:
    """A naive local time."""
    return datetime.fromisoformat(text)


def patient(**changes: Any) -> dict[str, Any]:
    """Ada's record; keyword arguments change or add fields, `overrides` are the clinic's."""
    overrides = changes.pop("overrides", {})
    return {
        "procedure_end_at": END.isoformat(),
        "time_zone": "America/New_York",
        "job_type": "desk",
        "clinic_overrides": overrides,
        **changes,
    }


def after(hours: float = 0, days: float = 0) -> datetime:
    """The moment that many real hours and days after Ada's procedure."""
    return (END.astimezone(UTC) + timedelta(hours=hours, days=days)).astimezone(NEW_YORK)


def calm(now: datetime, **changes: Any) -> dict[str, Any]:
    """A state with nothing wrong and a log one hour ago; no opioid, no pain."""
    return {
        "tier": "on_track",
        "open_signs": [],
        "last_log_at": now - timedelta(hours=1),
        "opioid_last_dose_at": None,
        "pain_site": 0,
        "site_swelling": "none",
        "sent": [],
        **changes,
    }


def one(milestone: str, now: datetime, record: dict[str, Any] | None = None, **state: Any) -> MilestoneStatus:
    """Where one milestone of Ada's (or of a given record's) stands."""
    return evaluate(record or patient(), calm(now, **state), now)[milestone]


def verdict(milestone: str, now: datetime, record: dict[str, Any] | None = None, **state: Any) -> tuple[Any, ...]:
    """Its status, then its reasons."""
    found = one(milestone, now, record, **state)
    return (found.status, *found.reasons)
