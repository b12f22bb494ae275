"""The quiet line about what patients wrote and nobody has read: it never pages anybody."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from patients.models import Staff
from recovery.selectors.notes import READ_WITHIN, Note, unread_notes
from recovery.views.desk.words import for_how_long

# The answer is kept this long in each process, for each clinic: many open boards do not ask many times.
KEPT_SECONDS = 10.0


@dataclass(frozen=True)
class Unread:
    """One patient whose words wait, for how long, and whether that is too long."""

    name: str
    code: UUID
    waits: str
    late: bool


_kept: dict[int, tuple[float, list[Note]]] = {}


def unread_of(staff: Staff, now: datetime) -> list[Unread]:
    """The oldest first; asks the database every few seconds at most."""
    asked_at, notes = _kept.get(staff.clinic_id, (float("-inf"), []))
    if time.monotonic() - asked_at > KEPT_SECONDS:
        notes = unread_notes(staff, now)
        _kept[staff.clinic_id] = (time.monotonic(), notes)
    return [
        Unread(note.patient.name, note.patient.code, for_how_long(waited), waited >= READ_WITHIN)
        for note in notes
        for waited in [now - note.since]
    ]
