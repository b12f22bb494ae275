"""When the plan gives each permission, for the page on which staff may only move it later.

recovery/plan/milestones.json decides; a test compares the two.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from patients.models import Procedure
from patients.values.wall_clock import on_day, plus_days

HOUR = timedelta(hours=1)
NOTE_TIME = time(9)


@dataclass(frozen=True)
class PlannedPermission:
    """A permission, so many hours or calendar days after the procedure, or (with neither) when therapy starts."""

    title: str
    hours: int = 0
    days: int = 0


PERMISSIONS = {
    "M-WALK-24H": PlannedPermission("Short walks", hours=24),
    "M-DRIVE-48H": PlannedPermission("Driving", hours=48),
    "M-WORK-48H": PlannedPermission("Desk work", hours=48),
    "M-LIGHT-14D": PlannedPermission("Light chores", days=14),
    "M-STREN-28D": PlannedPermission("Hard exercise: first ask", days=28),
    "M-STREN-42D": PlannedPermission("Hard exercise: ask again", days=42),
    "M-PT": PlannedPermission("Exercise class (PT)"),
}


def plan_hours(permission: PlannedPermission, procedure: Procedure, zone: ZoneInfo) -> float:
    """Return the recovery hours at which the plan gives a permission; 0 while its date is not set.

    Calendar days keep the wall time, so they are an hour shorter or longer when the clocks change.
    """
    if permission.hours:
        return permission.hours
    if permission.days:
        at = plus_days(procedure.ended_at, permission.days, zone)
    elif procedure.pt_start_on:
        at = on_day(procedure.pt_start_on, NOTE_TIME, zone)
    else:
        return 0
    return max(0.0, (at - procedure.ended_at) / HOUR)
