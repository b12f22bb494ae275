"""The lines above the worklist about who is on call: a warning now, a quiet line about gaps in the week ahead."""

import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.lifecycle.shift_end import who_has_notes
from alerts.oncall.shifts import span_words
from alerts.oncall.staffing import Cover, cover, lines
from patients.models import Staff
from patients.permissions import Permission, may

# Each process caches the answer this long for each clinic, so that many open boards do not query many times.
KEPT_SECONDS = 5.0


@dataclass(frozen=True)
class RosterLines:
    """Lines about the roster."""

    loud: list[str]
    quiet: list[str]


_kept: dict[int, tuple[float, Cover, set[int]]] = {}


def board_of(staff: Staff, now: datetime) -> RosterLines:
    """Return the lines for this person; queries the database at most every few seconds."""
    asked_at, found, readers = _kept.get(staff.clinic_id, (float("-inf"), None, set()))
    if found is None or time.monotonic() - asked_at > KEPT_SECONDS:
        found, readers = cover(staff.clinic_id, now), who_has_notes(staff.clinic_id)
        _kept[staff.clinic_id] = (time.monotonic(), found, readers)
    quiet = ["A colleague left you a hand-over note."] if staff.pk in readers else []
    if may(staff, Permission.HEAR_OF_GAPS):
        quiet += _gap_line(found, now, ZoneInfo(staff.clinic.timezone))
    return RosterLines(lines(found), quiet)


def _gap_line(found: Cover, now: datetime, zone: ZoneInfo) -> list[str]:
    """Return a line about the first gap still to come; a gap that has begun gets the loud warning instead."""
    coming = [gap for gap in found.gaps if gap.starts_at > now]
    if not coming:
        return []
    more = (
        f", and {len(coming) - 1} more times" if len(coming) > 2 else ", and once more" if len(coming) == 2 else ""
    )
    return [f"No nurse on call {span_words(coming[0], zone)}{more} in the next 7 days."]
