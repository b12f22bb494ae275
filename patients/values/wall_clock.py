"""PURE: what the clocks on a wall show, and back. The one place that decides when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60


class QuietHours(NamedTuple):
    """A local window in which no note is sent: `start` is inside, `end` is outside; equal ends mean none."""

    start: time
    end: time

    @property
    def minutes(self) -> int:
        """How long it is, on a day on which the clocks do not change."""
        return (_minute(self.end) - _minute(self.start)) % DAY_MINUTES

    def covers(self, wall: time) -> bool:
        """Whether this local wall time lies inside the window."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def lies_in(self, other: "QuietHours") -> bool:
        """Whether every minute of it is one of the other's."""
        ahead = (_minute(self.start) - _minute(other.start)) % DAY_MINUTES
        return not self.minutes or ahead + self.minutes <= other.minutes


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


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


def plus_days(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The UTC instant with the same local wall time that many calendar days later (DF-37)."""
    return from_wall(to_wall(instant, zone) + timedelta(days=days), zone)
