"""The quiet line above the worklist about unread notes; it never sends a message."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from patients.models import Staff
from recovery.desk.desk_words import for_how_long
from recovery.selectors.notes import READ_WITHIN, Note, unread_notes

# Each process caches the answer this long for each clinic, so that many open boards do not query many times.
KEPT_SECONDS = 10.0
SHOWN = 10


@dataclass(frozen=True)
class Unread:
    """One patient with an unread note, for how long it waits, and whether that is too long."""

    name: str
    code: UUID
    waits: str
    late: bool


@dataclass(frozen=True)
class Unreads:
    """The patients with unread notes, most urgent first: those in the line, the rest, and the longest wait."""

    first: list[Unread]
    rest: list[Unread]
    longest: str
    late: bool


_kept: dict[int, tuple[float, list[Note]]] = {}


def unread_of(staff: Staff, now: datetime) -> Unreads | None:
    """Return the unread notes; None when all are read. Queries the database at most every few seconds."""
    asked_at, notes = _kept.get(staff.clinic_id, (float("-inf"), []))
    if time.monotonic() - asked_at > KEPT_SECONDS:
        notes = unread_notes(staff, now)
        _kept[staff.clinic_id] = (time.monotonic(), notes)
    if not notes:
        return None
    found = [_unread(note, now) for note in notes]
    longest = now - min(note.since for note in notes)
    return Unreads(found[:SHOWN], found[SHOWN:], for_how_long(longest), longest >= READ_WITHIN)


def _unread(note: Note, now: datetime) -> Unread:
    waited = now - note.since
    return Unread(note.patient.name, note.patient.code, for_how_long(waited), waited >= READ_WITHIN)
