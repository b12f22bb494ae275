"""The nurse's first page: who needs a person most, then who has waited longest."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.clock import shown_now
from patients.access import StaffRequest, staff_required
from recovery.selectors import worklist as find_rows
from recovery.views.desk.board import board_of
from recovery.views.desk.cursor import from_word, to_word
from recovery.views.desk.promises import broken_now
from recovery.views.desk.put_back import banner
from recovery.views.desk.rows import Group, grouped
from recovery.views.desk.unread import unread_of

POLL_SECONDS = 30


@require_safe
@staff_required()
def worklist(request: StaffRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "recovery/desk/worklist.html", _page(request))


@require_safe
@staff_required()
def worklist_rows(request: StaffRequest) -> HttpResponse:
    """Only the rows: fetched by the page itself when something changed."""
    response = render(request, "recovery/desk/_rows.html", _page(request))
    response["X-Rows"] = "1"
    return response


def _page(request: StaffRequest) -> dict[str, Any]:
    now, zone = shown_now(), ZoneInfo(request.staff.clinic.timezone)
    after = request.GET.get("after", "")
    rows, cursor = find_rows(request.staff, now, from_word(after))
    groups = grouped(rows, now, zone)
    return {
        "groups": groups,
        "waiting": _waiting(groups),
        "after": after,
        "more": to_word(cursor) if cursor else "",
        "broken": broken_now(now),
        "put_back": banner(request.staff, now),
        "board": board_of(request.staff, now),
        "unread": unread_of(request.staff, now),
        "now": now.astimezone(zone),
        "now_ms": int(now.timestamp() * 1000),
        "poll_seconds": POLL_SECONDS,
    }


def _waiting(groups: list[Group]) -> int:
    """How many urgent alerts on this page nobody has taken."""
    return sum(len(group.rows) for group in groups if group.key == "open")
