"""Elapsed hours and quiet hours. Pure; all instants are aware."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patients.values.wall_clock import QuietHours, from_wall, to_wall


def elapsed_hours(start: datetime, now: datetime) -> float:
    """Return the real hours from `start` to `now`, also across clock changes; negative before `start`."""
    # Python subtracts datetimes of one zone by their local clocks, so convert both to UTC first.
    return (now.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)


def plus_hours(instant: datetime, hours: float) -> datetime:
    """Return the UTC instant that many real hours later."""
    return instant.astimezone(UTC) + timedelta(hours=hours)


def next_allowed(instant: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """Return the first UTC instant at or after `instant` outside the patient's quiet hours (DF-28)."""
    moment = instant.astimezone(UTC)
    # One step is usually enough; a clock change at the end of the quiet hours can need two.
    while quiet.covers((wall := to_wall(moment, zone)).time()):
        moment = _next_time(wall, moment, quiet.end, zone)
    return moment


def _next_time(wall: datetime, moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the first instant after `moment` at which the local clock shows `at`; `wall` is its local time."""
    target = datetime.combine(wall.date(), at)
    if target <= wall:
        target += timedelta(days=1)
    first = from_wall(target, zone)
    # In the second pass of a repeated hour, the first `at` is already over.
    return first if first > moment else target.replace(tzinfo=zone, fold=1).astimezone(UTC)
