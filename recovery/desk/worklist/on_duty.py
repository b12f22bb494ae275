"""Who is there right now, for the lines above the worklist: loud when nobody is, quiet about the week ahead."""

import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.lifecycle.shift_end import who_has_notes
from alerts.oncall.shifts import span_words
from alerts.oncall.staffing import Cover, cover, lines
from patients.models import Staff
from patients.permissions import Permission, may

# The answer is kept this long in each process, for each clinic: many open boards do not ask many times.
KEPT_SECONDS = 5.0


@dataclass(frozen=True)
class Board:
    """Lines about the roster."""

    loud: list[str]
    quiet: list[str]


_kept: dict[int, tuple[float, Cover, set[int]]] = {}


def board_of(staff: Staff, now: datetime) -> Board:
    """What this person should know of the roster; asks the database every few seconds at most."""
    asked_at, found, readers = _kept.get(staff.clinic_id, (float("-inf"), None, set()))
    if found is None or time.monotonic() - asked_at > KEPT_SECONDS:
        found, readers = cover(staff.clinic_id, now), who_has_notes(staff.clinic_id)
        _kept[staff.clinic_id] = (time.monotonic(), found, readers)
    quiet = ["A colleague left you a hand-over note."] if staff.pk in readers else []
    if may(staff, Permission.HEAR_OF_GAPS):
        quiet += _gap_line(found, now, ZoneInfo(staff.clinic.timezone))
    return Board(lines(found), quiet)


def _gap_line(found: Cover, now: datetime, zone: ZoneInfo) -> list[str]:
    """The first gap that is still to come; the one that has begun is said aloud."""
    coming = [gap for gap in found.gaps if gap.starts_at > now]
    if not coming:
        return []
    more = (
        f", and {len(coming) - 1} more times" if len(coming) > 2 else ", and once more" if len(coming) == 2 else ""
    )
    return [f"No nurse on call {span_words(coming[0], zone)}{more} in the next 7 days."]
