"""The quiet line about what patients wrote and nobody has read: it never pages anybody."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from patients.models import Staff
from recovery.desk.desk_words import for_how_long
from recovery.selectors.notes import READ_WITHIN, Note, unread_notes

# The answer is kept this long in each process, for each clinic: many open boards do not ask many times.
KEPT_SECONDS = 10.0
SHOWN = 10


@dataclass(frozen=True)
class Unread:
    """One patient whose words wait, for how long, and whether that is too long."""

    name: str
    code: UUID
    waits: str
    late: bool


@dataclass(frozen=True)
class Unreads:
    """Who waits, most urgent first: some in the line, the rest one click away; and how long the longest waits."""

    first: list[Unread]
    rest: list[Unread]
    longest: str
    late: bool


_kept: dict[int, tuple[float, list[Note]]] = {}


def unread_of(staff: Staff, now: datetime) -> Unreads | None:
    """None when everything is read; asks the database every few seconds at most."""
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
