"""Reads the access log of a clinic: newest first, in pages, by patient, person and days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from patients.models import AccessEvent, Staff
from patients.scoping import for_staff, rows_of
from patients.selectors.roster import matching
from patients.values.wall_clock import from_wall

PAGE_ROWS = 50
# A file of more rows opens in no spreadsheet a clinic has at hand; the search narrows it.
FILE_ROWS = 20_000
MOST_WORDS = 6
# Not a member of staff of this clinic: by whether it is their own record.
OWN, OTHER = "patient", "helper or former colleague"


@dataclass(frozen=True)
class Look:
    """One row of the log. role: what the person is at this clinic now, in words."""

    event: AccessEvent
    role: str


def page_of_looks(staff: Staff, asked: Mapping[str, Any], before: int | None) -> tuple[list[Look], int | None]:
    """Return a page of the log, and the id to get the next with (None on the last). At most two statements."""
    found = _events(staff, asked)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE_ROWS + 1])
    more = rows[PAGE_ROWS - 1].pk if len(rows) > PAGE_ROWS else None
    return list(_with_roles(staff, rows[:PAGE_ROWS])), more


def all_looks(staff: Staff, asked: Mapping[str, Any]) -> tuple[list[Look], bool]:
    """Return the newest FILE_ROWS of the log, and whether there are older ones. At most two statements."""
    rows = list(_events(staff, asked)[: FILE_ROWS + 1])
    return list(_with_roles(staff, rows[:FILE_ROWS])), len(rows) > FILE_ROWS


def _events(staff: Staff, asked: Mapping[str, Any]) -> QuerySet[AccessEvent]:
    found = rows_of(AccessEvent, clinic=staff.clinic_id).select_related("actor", "patient").order_by("-pk")
    zone = ZoneInfo(staff.clinic.timezone)
    if asked.get("patient"):
        found = found.filter(patient__in=matching(for_staff(staff), asked["patient"]).values("pk"))
    for word in asked.get("person", "").split()[:MOST_WORDS]:
        found = found.filter(
            Q(actor__first_name__icontains=word)
            | Q(actor__last_name__icontains=word)
            | Q(actor__email__icontains=word)
        )
    if asked.get("since"):
        found = found.filter(at__gte=_begin(asked["since"], zone))
    if asked.get("until"):
        found = found.filter(at__lt=_begin(asked["until"] + timedelta(days=1), zone))
    return found


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return from_wall(datetime.combine(day, time.min), zone)


def _with_roles(staff: Staff, events: list[AccessEvent]) -> Iterator[Look]:
    roles = {one.user_id: one.get_role_display().lower() for one in rows_of(Staff, clinic=staff.clinic_id)}
    for event in events:
        other = OWN if event.patient.user_id == event.actor_id else OTHER
        yield Look(event, roles.get(event.actor_id, other))
