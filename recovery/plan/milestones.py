"""Compute each milestone's status, its reasons, and when its note is due (clinical rules, Milestones). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from patients.tiers import CALL_911, ON_TRACK
from patients.values.wall_clock import to_wall
from recovery.plan.book import Book, Entry, default_book
from recovery.plan.clock import next_allowed
from recovery.plan.gates import holds
from recovery.plan.keys import dated_key
from recovery.plan.situation import Situation, read_situation
from recovery.plan.slots import upcoming_slots
from recovery.plan.starts import is_delayed, start_of
from recovery.plan.waits import Wait, wait_of

# Statuses without notes: the card is hidden, over, or not for this patient.
SILENT = frozenset({"withheld", "ended", "not_applicable"})


@dataclass(frozen=True, slots=True)
class MilestoneStatus:
    """The status with reasons in gate order, the due time of the note (None: no note), and the card's text."""

    status: str
    reasons: tuple[str, ...]
    due_local: datetime | None
    due_utc: datetime | None
    text: str
    # Why and until when it waits; None without a reason.
    wait: Wait | None = None


def evaluate(patient: object, state: object, now: object, book: Book | None = None) -> dict[str, MilestoneStatus]:
    """Return the status of every milestone, by id, for a patient record and state at an aware moment.

    Times and dates may be Python objects or ISO text. Raises InvalidInput (a ValueError) with field and reason.
    """
    book = book or default_book()
    situation = read_situation(patient, state, now, book)
    return {entry.id: judge(entry, situation, book) for entry in book.entries}


def next_start(patient: object, now: object, book: Book | None = None) -> datetime | None:
    """Return when the next milestone starts; None when all have started."""
    book = book or default_book()
    s = read_situation(patient, {"tier": ON_TRACK}, now, book)
    starts = [start for entry in book.entries if (start := start_of(entry, s, book)) and start > s.now]
    return min(starts, default=None)


def override_problems(patient: object, now: object, book: Book | None = None) -> tuple[str, ...]:
    """Return the overrides of this patient that could not be read, each with the reason."""
    return read_situation(patient, {"tier": ON_TRACK}, now, book or default_book()).overrides.problems


def judge(entry: Entry, s: Situation, book: Book) -> MilestoneStatus:
    """Return the status of one milestone in a situation that has been read."""
    start = start_of(entry, s, book)
    status, reasons = _status(entry, start, s, book)
    due = planned_note(entry, start, s, book) if _has_note(entry, status, s) else None
    due_local = None if due is None else to_wall(due, s.zone)
    wait = wait_of(entry, status, reasons, s, book)
    return MilestoneStatus(status, reasons, due_local, due, _text(entry, status, reasons, s, book), wait)


def _status(entry: Entry, start: datetime | None, s: Situation, book: Book) -> tuple[str, tuple[str, ...]]:
    """Return status and reasons: first "not applicable", then "too early", then the gates in book order."""
    if _reasons(entry, "not_applicable", s, book) is not None:
        return "not_applicable", ()
    if s.now < s.procedure_end_at:
        return "not_yet", ()
    if start is None:
        return entry.before_start, ("no_date_set",)
    if s.now < start:
        return entry.before_start, ("clinic_override",) if is_delayed(entry, s, book) else ()
    if entry.type == "permission" and entry.id in s.overrides.delayed_unread:
        return "withheld", ("clinic_override",)
    for status in dict.fromkeys(gate.then for gate in entry.gates):
        reasons = _reasons(entry, status, s, book)
        if reasons is not None:
            return status, reasons
    return entry.outcome, ()


def _reasons(entry: Entry, status: str, s: Situation, book: Book) -> tuple[str, ...] | None:
    """Return the reasons of all gates that lead to this status now, in order; None when no such gate holds."""
    held = [gate for gate in entry.gates if gate.then == status and holds(gate, s, book, entry)]
    if not held:
        return None
    return tuple(s.tier if gate.reason == "tier" else gate.reason for gate in held if gate.reason)


def _has_note(entry: Entry, status: str, s: Situation) -> bool:
    """Return whether a note may be due: not at 911, not when it was sent, and not with a silent status."""
    return s.tier != CALL_911 and status not in SILENT and note_key(entry, s) not in s.sent


def note_key(entry: Entry, s: Situation) -> str:
    """Return the key that `sent` holds once the note is sent; repeating slots have their own (plan.slots)."""
    return entry.id if entry.note not in ("once", "visit") else dated_key(entry, s)


def planned_note(entry: Entry, start: datetime | None, s: Situation, book: Book) -> datetime | None:
    """Return when the next note of a milestone would be sent, ignoring gates; None without a date or slot."""
    if entry.note != "once" and not is_visit_prompt(entry, s):
        slots = upcoming_slots(entry, s, book)
        slot = next((slot for slot in slots if f"{entry.id}:{slot.key}" not in s.sent), None)
        return None if slot is None else slot.due_utc
    if start is None or _passed_long_before_enrolment(start, s, book):
        return None
    due = next_allowed(max(start, s.now), s.zone, s.overrides.quiet)
    # A limit that ends during the quiet hours needs no note.
    if entry.end_hours is not None and due >= s.hour(entry.end_hours):
        return None
    return due


def is_visit_prompt(entry: Entry, s: Situation) -> bool:
    """Return whether this is the visit milestone while no visit is set: then its note asks to set one up."""
    return entry.note == "visit" and s.next_visit_at is None


def _passed_long_before_enrolment(start: datetime, s: Situation, book: Book) -> bool:
    """Return whether the step started long before a late enrolment; the plan shows it, but no note is sent."""
    days = timedelta(days=book.settings["late_enrolment_days"])
    return s.enrolled_at is not None and start < s.enrolled_at - days


def _text(entry: Entry, status: str, reasons: tuple[str, ...], s: Situation, book: Book) -> str:
    """Return the text of the card; "" when it has none."""
    if status == "withheld":
        text = entry.texts.get("withheld", book.withheld_text)
        why = book.withheld_reason_texts.get(reasons[0]) if reasons else None
        # A card's own "withheld" text says what to do for every reason.
        return f"{text} {why}" if why and "withheld" not in entry.texts else text
    if reasons and reasons[0] in entry.texts:
        return entry.texts[reasons[0]]
    day = s.start_dates.get(entry.start.get("date", ""))
    if status == "reached" and day and s.today > day and "reached_later" in entry.texts:
        status = "reached_later"
    text = entry.texts.get(status, "")
    return text.replace("{date}", f"{day:%a %b} {day.day}") if day else text
