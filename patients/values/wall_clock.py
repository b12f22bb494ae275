"""PURE: converts between UTC and local wall time; all code uses it for days on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60


class QuietHours(NamedTuple):
    """A local time window without notes: `start` is inside, `end` is outside; equal times mean no window."""

    start: time
    end: time

    @property
    def minutes(self) -> int:
        """Its length in minutes, on a day without a change of the clocks."""
        return (_minute(self.end) - _minute(self.start)) % DAY_MINUTES

    def covers(self, wall: time) -> bool:
        """Return whether this local wall time lies inside the window."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def lies_in(self, other: "QuietHours") -> bool:
        """Return whether all of it lies inside the other window."""
        ahead = (_minute(self.start) - _minute(other.start)) % DAY_MINUTES
        return not self.minutes or ahead + self.minutes <= other.minutes


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive local wall time of an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def from_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall time (DF-37): a missing one moves on, a repeated one is the first."""
    # fold=0 does this in both cases (PEP 495): it uses the offset from before the clocks changed.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def on_day(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local date and wall time."""
    return from_wall(datetime.combine(day, at), zone)


def plus_days(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant with the same local wall time that many calendar days later (DF-37)."""
    return from_wall(to_wall(instant, zone) + timedelta(days=days), zone)
