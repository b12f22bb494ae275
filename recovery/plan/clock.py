"""Patient time: elapsed hours, the same wall time days later, and quiet hours. Pure; all instants are aware."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class QuietHours(NamedTuple):
    """A local window in which no note is sent: `start` is inside, `end` is outside; equal ends mean none."""

    start: time
    end: time

    def covers(self, wall: time) -> bool:
        """Whether this local wall time lies inside the window."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive local wall time of an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def from_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time (DF-37): a missing one moves on by the gap, a doubled one is the first."""
    # fold=0 means exactly this in both cases (PEP 495): the offset that held before the clocks changed.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def on_day(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local date and wall time."""
    return from_wall(datetime.combine(day, at), zone)


def elapsed_hours(start: datetime, now: datetime) -> float:
    """Real hours from `start` to `now`, whatever the clocks did in between; negative before `start`."""
    # Subtracting two datetimes of one zone would compare wall clocks, so both go to UTC first.
    return (now.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)


def plus_hours(instant: datetime, hours: float) -> datetime:
    """The UTC instant that many real hours later."""
    return instant.astimezone(UTC) + timedelta(hours=hours)


def plus_days(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The UTC instant with the same local wall time that many calendar days later (DF-37)."""
    return from_wall(to_wall(instant, zone) + timedelta(days=days), zone)


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
