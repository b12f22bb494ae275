"""Compute the notes of the next hours. Each has a key of what and when, so that its row is made once. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from patients.values.wall_clock import on_day, to_wall
from recovery.plan.book import Book, Entry, default_book
from recovery.plan.clock import next_allowed, plus_hours
from recovery.plan.milestones import SILENT, is_visit_prompt, judge, note_key, planned_note
from recovery.plan.situation import Situation, read_situation
from recovery.plan.slots import upcoming_slots
from recovery.plan.starts import start_of

# Types whose notes continue at call_doctor_now; all others stop (clinical rules, Milestones).
GO_ON_AT_DOCTOR_NOW = frozenset({"limit", "care", "visit"})


@dataclass(frozen=True, slots=True)
class Note:
    """One note to plan: a unique `key`, its milestone ('log' for log reminders), and its due time."""

    key: str
    milestone_id: str
    due_utc: datetime
    due_local: datetime


def upcoming_notes(
    patient: object, state: object, now: object, horizon_hours: float, book: Book | None = None
) -> list[Note]:
    """Return the milestone notes due from now to the horizon, in order; none at call_911.

    The state's `sent` may hold ids and keys. Gates must be checked again when a note is sent.
    """
    book = book or default_book()
    s = read_situation(patient, state, now, book)
    if s.tier == CALL_911:
        return []
    end = plus_hours(s.now, horizon_hours)
    notes = [note for entry in book.entries for note in _notes(entry, s, book, end) if note.key not in s.sent]
    return sorted(notes, key=lambda note: (note.due_utc, note.key))


def _notes(entry: Entry, s: Situation, book: Book, end: datetime) -> Iterator[Note]:
    if s.tier == CALL_DOCTOR_NOW and entry.type not in GO_ON_AT_DOCTOR_NOW:
        return
    if judge(entry, s, book).status in SILENT:
        return
    if entry.note == "once" or is_visit_prompt(entry, s):
        due = planned_note(entry, start_of(entry, s, book), s, book)
        if due is not None and due <= end:
            yield _note(note_key(entry, s), entry.id, due, s)
        return
    for slot in upcoming_slots(entry, s, book):
        if slot.due_utc > end:
            return
        yield _note(f"{entry.id}:{slot.key}", entry.id, slot.due_utc, s)


def upcoming_log_reminders(
    patient: object,
    state: object,
    now: object,
    horizon_hours: float,
    book: Book | None = None,
    *,
    hours: Iterable[int] = (),
) -> list[Note]:
    """Return the 'please log' notes due from now to the horizon, in order (DF-24, DF-25, DF-28); none at call_911.

    Each log day without a log has notes at 10:00 and 18:00 local time (key log:2026-11-21:10), or at the full
    hours the patient chose. While logs are daily there is one more after 24 h of silence (key
    silence:2026-11-21T13:40), unless another note has the same time.
    """
    book = book or default_book()
    s = read_situation(patient, state, now, book)
    if s.tier == CALL_911:
        return []
    end = plus_hours(s.now, horizon_hours)
    walls = [f"{hour:02}:00" for hour in hours] or book.settings["log_reminder_times"]
    notes = _log_notes(s, walls, book, end)
    silence = _silence_note(s, book)
    if silence and silence.due_utc <= end and silence.due_utc not in {note.due_utc for note in notes}:
        notes.append(silence)
    return sorted((note for note in notes if note.key not in s.sent), key=lambda note: note.due_utc)


def is_log_day(day_number: int, book: Book | None = None) -> bool:
    """Return whether a log is due on this local day after the procedure (DF-25): daily, weekly, then monthly."""
    rhythm = (book or default_book()).settings["log_rhythm"]
    daily_to, weekly_to, every = (
        int(rhythm[key]) for key in ("daily_to_day", "weekly_to_day", "monthly_every_days")
    )
    if day_number < 0:
        return False
    if day_number <= daily_to:
        return True
    if day_number < weekly_to:
        return (day_number - daily_to) % 7 == 0
    return (day_number - weekly_to) % every == 0


def silence_limit_hours(recovery_hours: float, book: Book | None = None) -> int:
    """Return the hours without a log that count as silence (RW-24): by default 48, 72, 192 or 840 by phase."""
    limits: list[tuple[int | None, int]] = (book or default_book()).settings["silence_limits_hours"]
    return next(limit for until, limit in limits if until is None or recovery_hours < until)


def silent_from(heard_at: datetime, recovery_hours: float, book: Book | None = None) -> datetime:
    """Return when a patient last heard from at `heard_at` counts as silent (RW-24), by their current phase."""
    return plus_hours(heard_at, silence_limit_hours(max(recovery_hours, 0.0), book))


def _log_notes(s: Situation, walls: Iterable[str], book: Book, end: datetime) -> list[Note]:
    """Return one note per due time: reminders moved to the same morning become one."""
    since = max(s.now, s.procedure_end_at)
    procedure_day = to_wall(s.procedure_end_at, s.zone).date()
    by_due: dict[datetime, Note] = {}
    for day in _dates(to_wall(since, s.zone).date(), to_wall(end, s.zone).date()):
        if not is_log_day((day - procedure_day).days, book) or day == _last_log_day(s):
            continue
        for wall in walls:
            at = on_day(day, time.fromisoformat(wall), s.zone)
            due = next_allowed(at, s.zone, s.overrides.quiet)
            # A note moved past its own day is dropped, because the next day has its own.
            if since <= due <= end and to_wall(due, s.zone).date() == day:
                by_due.setdefault(due, _note(f"log:{day}:{wall[:2]}", "log", due, s))
    return list(by_due.values())


def _silence_note(s: Situation, book: Book) -> Note | None:
    """Return the note after 24 h without a log or, before the first log, since the procedure.

    None when logs are no longer daily or the note is too late.
    """
    limit_hours = book.settings["silence_reminder_hours"]
    last = s.procedure_end_at if s.last_log_at is None else max(s.last_log_at, s.procedure_end_at)
    silent_at = plus_hours(last, limit_hours)
    # A missed reminder is still sent within a day; after that, log reminders and RW-24 take over.
    daily_until = s.day(book.settings["log_rhythm"]["daily_to_day"])
    if silent_at > daily_until or s.now > plus_hours(silent_at, limit_hours):
        return None
    due = next_allowed(max(silent_at, s.now), s.zone, s.overrides.quiet)
    # The key holds the end of the 24 h, not the due time, so that one silence makes one row.
    return _note(f"silence:{to_wall(silent_at, s.zone):%Y-%m-%dT%H:%M}", "log", due, s)


def _last_log_day(s: Situation) -> date | None:
    return None if s.last_log_at is None else to_wall(s.last_log_at, s.zone).date()


def _dates(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def _note(key: str, milestone_id: str, due: datetime, s: Situation) -> Note:
    return Note(key, milestone_id, due, to_wall(due, s.zone))
