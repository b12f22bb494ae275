"""The worklist page: the most urgent patients first, then those who have waited longest."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients.access import StaffRequest, needs
from patients.permissions import Permission
from patients.trouble import Parts
from recovery.desk.worklist.after_restore import banner
from recovery.desk.worklist.broken_promises import broken_now
from recovery.desk.worklist.list_cursor import from_word, to_word
from recovery.desk.worklist.on_duty import board_of
from recovery.desk.worklist.stuck_work import stills_of
from recovery.desk.worklist.unread_words import unread_of
from recovery.desk.worklist.worklist_query import worklist as find_rows
from recovery.desk.worklist.worklist_rows import Group, grouped

POLL_SECONDS = 30


@require_safe
@needs(Permission.SEE_WORKLIST)
def worklist(request: StaffRequest) -> HttpResponse:
    """Show the whole page."""
    return render(request, "recovery/desk/worklist.html", _page(request))


@require_safe
@needs(Permission.SEE_WORKLIST)
def worklist_rows(request: StaffRequest) -> HttpResponse:
    """Return only the rows, which the page fetches when something changed."""
    response = render(request, "recovery/desk/_rows.html", _page(request))
    response["X-Rows"] = "1"
    return response


def _page(request: StaffRequest) -> dict[str, Any]:
    now, zone = shown_now(), ZoneInfo(request.staff.clinic.timezone)
    after, staff = request.GET.get("after", ""), request.staff
    rows, cursor = find_rows(staff, now, from_word(after))
    groups = grouped(rows, now, zone)
    # An error in the lines above the list must not hide the list.
    parts = Parts("worklist of clinic", staff.clinic_id)
    return {
        "groups": groups,
        "waiting": _waiting(groups),
        "after": after,
        "more": to_word(cursor) if cursor else "",
        "broken": parts.many("What is broken", lambda: broken_now(now)),
        "put_back": parts.one("Whether records were put back", lambda: banner(staff, now)),
        "still": parts.one("For whom the system cannot do its work", lambda: stills_of(staff, now)),
        "board": parts.one("Who is on call", lambda: board_of(staff, now)),
        "unread": parts.one("Notes nobody has read", lambda: unread_of(staff, now)),
        "missing": parts.missing,
        "now": now.astimezone(zone),
        "now_ms": int(now.timestamp() * 1000),
        "poll_seconds": POLL_SECONDS,
    }


def _waiting(groups: list[Group]) -> int:
    """Return how many urgent alerts on this page are not acknowledged."""
    return sum(len(group.rows) for group in groups if group.key == "open")
