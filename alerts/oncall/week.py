"""Seven local days of the on-call week as a grid: who is on call in each role, and when nobody is."""

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
    # parts that others took: "7:00 PM to 9:00 PM: Niles Staff"
    except_for: tuple[str, ...]

    @property
    def left(self) -> bool:
        """Whoever has it does not work here any more: it does not count."""
        return not works(self.shift.staff)


@dataclass(frozen=True)
class Cell:
    """One role on one day; gaps are hours, only those still to come, and only of those who are called first."""

    role: str
    title: str
    entries: tuple[Entry, ...]
    gaps: tuple[str, ...]

    @property
    def all_are_asked(self) -> bool:
        """Without a shift all of this role are asked: no gap to fill."""
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
        """How long it really is."""
        return round((self.ends_at - self.starts_at) / timedelta(hours=1))


def today_of(clinic: Clinic, now: datetime) -> date:
    """The clinic's own date."""
    return now.astimezone(ZoneInfo(clinic.timezone)).date()


def days_with(clinic: Clinic, span: Span, now: datetime) -> dict[str, str]:
    """What to ask the page for so that a time is on it; nothing when it is in the seven days from today."""
    today = today_of(clinic, now)
    first, last = (at.astimezone(ZoneInfo(clinic.timezone)).date() for at in (span.starts_at, span.ends_at))
    shown = first < today + timedelta(days=DAYS) and last >= today
    return {} if shown else {"from": first.isoformat()}


def shifts_between(clinic: Clinic, start: datetime, end: datetime) -> list[OnCallShift]:
    """Everything that touches a time, in one query."""
    rows = rows_of(OnCallShift, clinic=clinic).filter(starts_at__lt=end, ends_at__gt=start)
    return list(rows.select_related("staff__user", "replaces__staff__user").order_by("starts_at", "id"))


def week(clinic: Clinic, first: date, now: datetime) -> list[Day]:
    """The days from first on, by the clinic's clocks, in one query."""
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
    """The parts of a shift, of those here, in which somebody else is told."""
    parts = [other for other in here if other.replaces_id == shift.pk and works(other.staff)]
    return tuple(f"{_plain(span_of(part), zone)}: {part.staff.name}" for part in parts)


def span_of(shift: OnCallShift) -> Span:
    """From and until of a row."""
    return Span(shift.starts_at, shift.ends_at)


def hours_words(span: Span, around: Span, zone: ZoneInfo) -> str:
    """7:00 PM to 11:00 PM; until 7:00 AM, from 7:00 PM or all day where it goes over an edge of the day."""
    before, after = span.starts_at < around.starts_at, span.ends_at > around.ends_at
    if span.starts_at <= around.starts_at and span.ends_at >= around.ends_at:
        return "all day"
    if before:
        return f"until {clock(span.ends_at.astimezone(zone))}"
    return f"from {clock(span.starts_at.astimezone(zone))}" if after else _plain(span, zone)


def _plain(span: Span, zone: ZoneInfo) -> str:
    return f"{clock(span.starts_at.astimezone(zone))} to {clock(span.ends_at.astimezone(zone))}"
