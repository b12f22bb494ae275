"""Patient time: elapsed hours and quiet hours. Pure; all instants are aware."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patients.values.wall_clock import QuietHours, from_wall, to_wall


def elapsed_hours(start: datetime, now: datetime) -> float:
    """Real hours from `start` to `now`, whatever the clocks did in between; negative before `start`."""
    # Subtracting two datetimes of one zone would compare wall clocks, so both go to UTC first.
    return (now.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)


def plus_hours(instant: datetime, hours: float) -> datetime:
    """The UTC instant that many real hours later."""
    return instant.astimezone(UTC) + timedelta(hours=hours)


def next_allowed(instant: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """The first UTC instant at or after `instant` that is outside the patient's quiet hours (DF-28)."""
    moment = instant.astimezone(UTC)
    # Nearly always one step; two when the clocks jump over the end of the window and land inside it again.
    while quiet.covers((wall := to_wall(moment, zone)).time()):
        moment = _next_time(wall, moment, quiet.end, zone)
    return moment


def _next_time(wall: datetime, moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first instant after `moment`, whose wall time is `wall`, at which the wall clock shows `at`."""
    target = datetime.combine(wall.date(), at)
    if target <= wall:
        target += timedelta(days=1)
    first = from_wall(target, zone)
    # In the second pass of a doubled hour the first showing of `at` is already over.
    return first if first > moment else target.replace(tzinfo=zone, fold=1).astimezone(UTC)
