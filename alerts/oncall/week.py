"""Seven local days of the on-call week as a grid: who is on call in each role, and the gaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.models import OnCallShift
from alerts.oncall.gaps import Span, gaps
from alerts.oncall.roster import works
from alerts.oncall.shifts import CAN_BE_ON_CALL
from patients.models import Clinic, Staff
from patients.permissions import Permission, roles_with
from patients.scoping import rows_of
from patients.templatetags.kypho import clock
from patients.values.wall_clock import on_day

DAYS = 7
MIDNIGHT = time(0)


@dataclass(frozen=True)
class Entry:
    """One shift on one day."""

    shift: OnCallShift
    hours: str
    # the parts that colleagues took, such as "7:00 PM to 9:00 PM: Niles Staff"
    except_for: tuple[str, ...]

    @property
    def left(self) -> bool:
        """Has the person of this shift left? Then the shift does not count."""
        return not works(self.shift.staff)


@dataclass(frozen=True)
class Cell:
    """One role on one day. gaps: hours in words, only future ones, and only for roles that are called first."""

    role: str
    title: str
    entries: tuple[Entry, ...]
    gaps: tuple[str, ...]

    @property
    def all_are_asked(self) -> bool:
        """Is the whole role told when no shift is set, so that there is no gap to fill?"""
        return self.role in roles_with(Permission.TAKE_SECOND_CALL)


@dataclass(frozen=True)
class Day:
    """One local day, which may have 23 or 25 hours."""

    starts_at: datetime
    ends_at: datetime
    is_today: bool
    cells: tuple[Cell, ...]

    @property
    def hours(self) -> int:
        """The length of the day in hours: 23, 24 or 25."""
        return round((self.ends_at - self.starts_at) / timedelta(hours=1))


def today_of(clinic: Clinic, now: datetime) -> date:
    """Today's date at the clinic."""
    return now.astimezone(ZoneInfo(clinic.timezone)).date()


def days_with(clinic: Clinic, span: Span, now: datetime) -> dict[str, str]:
    """The query of the page that shows a span; empty when the seven days from today show it."""
    today = today_of(clinic, now)
    first, last = (at.astimezone(ZoneInfo(clinic.timezone)).date() for at in (span.starts_at, span.ends_at))
    shown = first < today + timedelta(days=DAYS) and last >= today
    return {} if shown else {"from": first.isoformat()}


def shifts_between(clinic: Clinic, start: datetime, end: datetime) -> list[OnCallShift]:
    """The shifts of a clinic that overlap a time, in order of their start. One query."""
    rows = rows_of(OnCallShift, clinic=clinic).filter(starts_at__lt=end, ends_at__gt=start)
    return list(rows.select_related("staff__user", "replaces__staff__user").order_by("starts_at", "id"))


def week(clinic: Clinic, first: date, now: datetime) -> list[Day]:
    """The seven days from first on, by the clinic's clocks. One query."""
    zone = ZoneInfo(clinic.timezone)
    starts = [on_day(first + timedelta(days=n), MIDNIGHT, zone) for n in range(DAYS + 1)]
    shifts = shifts_between(clinic, starts[0], starts[-1])
    return [_day(Span(*edges), shifts, now, zone) for edges in zip(starts, starts[1:], strict=False)]


def _day(span: Span, shifts: list[OnCallShift], now: datetime, zone: ZoneInfo) -> Day:
    here = [shift for shift in shifts if shift.starts_at < span.ends_at and shift.ends_at > span.starts_at]
    cells = tuple(_cell(role, here, shifts, span, now, zone) for role in CAN_BE_ON_CALL)
    return Day(span.starts_at, span.ends_at, span.covers(now), cells)


def _cell(
    role: Staff.Role, here: list[OnCallShift], shifts: list[OnCallShift], day: Span, now: datetime, zone: ZoneInfo
) -> Cell:
    mine = [shift for shift in here if shift.role == role]
    entries = tuple(
        Entry(shift, hours_words(span_of(shift), day, zone), _taken(shift, here, zone)) for shift in mine
    )
    uncovered: Iterable[Span] = ()
    if role in roles_with(Permission.TAKE_FIRST_CALL) and day.ends_at > now:
        covered = [span_of(shift) for shift in mine if works(shift.staff)]
        uncovered = gaps(covered, max(day.starts_at, now), day.ends_at)
    return Cell(role, str(role.label), entries, tuple(hours_words(gap, day, zone) for gap in uncovered))


def _taken(shift: OnCallShift, here: list[OnCallShift], zone: ZoneInfo) -> tuple[str, ...]:
    """The parts of a shift that colleagues took, in words."""
    parts = [other for other in here if other.replaces_id == shift.pk and works(other.staff)]
    return tuple(f"{_plain(span_of(part), zone)}: {part.staff.name}" for part in parts)


def span_of(shift: OnCallShift) -> Span:
    """The span of a shift."""
    return Span(shift.starts_at, shift.ends_at)


def hours_words(span: Span, around: Span, zone: ZoneInfo) -> str:
    """A span in words within a day: 7:00 PM to 11:00 PM, until 7:00 AM, from 7:00 PM, or all day."""
    before, after = span.starts_at < around.starts_at, span.ends_at > around.ends_at
    if span.starts_at <= around.starts_at and span.ends_at >= around.ends_at:
        return "all day"
    if before:
        return f"until {clock(span.ends_at.astimezone(zone))}"
    return f"from {clock(span.starts_at.astimezone(zone))}" if after else _plain(span, zone)


def _plain(span: Span, zone: ZoneInfo) -> str:
    return f"{clock(span.starts_at.astimezone(zone))} to {clock(span.ends_at.astimezone(zone))}"
