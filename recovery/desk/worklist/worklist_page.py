"""The worklist page: the most urgent patients first, then those who have waited longest."""

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from alerts.clock import shown_now
from patients import scoping
from patients.access import StaffRequest, needs
from patients.forms.roster import SearchForm
from patients.permissions import Permission
from patients.sign_in import limits, searches
from patients.trouble import Parts
from recovery.desk.worklist.after_restore import banner
from recovery.desk.worklist.broken_promises import broken_now
from recovery.desk.worklist.day_one import day_one
from recovery.desk.worklist.list_cursor import from_word, to_word
from recovery.desk.worklist.list_filter import DAYS, ListFilter, counted, read_filter
from recovery.desk.worklist.on_duty import board_of
from recovery.desk.worklist.stuck_work import stills_of
from recovery.desk.worklist.unread_words import unread_of
from recovery.desk.worklist.worklist_query import worklist as find_rows
from recovery.desk.worklist.worklist_rows import Group, grouped

POLL_SECONDS = 30
SLOW_DOWN = "You looked very often just now. Wait a minute, then search again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_WORKLIST)
def worklist(request: StaffRequest) -> HttpResponse:
    """Show the whole page. A search comes by POST and goes on under a key, so that no name is in an address."""
    if request.method == "POST":
        return _search(request)
    page = _page(request)
    parts = Parts("worklist of clinic", request.staff.clinic_id)
    to_do = parts.many("What a new clinic still has to do", lambda: day_one(request.staff))
    missing = [*page["missing"], *parts.missing]
    return render(request, "recovery/desk/worklist.html", {**page, "day_one": to_do, "missing": missing})


@require_safe
@needs(Permission.SEE_WORKLIST)
def worklist_rows(request: StaffRequest) -> HttpResponse:
    """Return only the rows, which the page fetches when something changed."""
    response = render(request, "recovery/desk/_rows.html", _page(request))
    response["X-Rows"] = "1"
    return response


def _search(request: StaffRequest) -> HttpResponse:
    form = SearchForm(request.POST)
    wish = read_filter(request.POST, lambda _key: "")
    words = form.cleaned_data["q"] if form.is_valid() else ""
    if form.errors:
        messages.error(request, str(form.errors["q"][0]))
    elif words and not limits.may(request, "search"):
        messages.error(request, SLOW_DOWN)
        words = ""
    address = wish.address(key=searches.keep(request, words) if words else "")
    return redirect(f"{reverse('recovery:worklist')}{address}")


def _page(request: StaffRequest) -> dict[str, Any]:
    now, zone = shown_now(), ZoneInfo(request.staff.clinic.timezone)
    after, staff, wish = request.GET.get("after", ""), request.staff, _wish(request)
    rows, cursor = find_rows(staff, now, from_word(after), wish)
    groups = grouped(rows, now, zone, staff.pk)
    # An error in the lines above the list must not hide the list.
    parts = Parts("worklist of clinic", staff.clinic_id)
    return {
        "groups": groups,
        "wish": wish,
        "back": f"{reverse('recovery:worklist')}{wish.address()}",
        "days": [(key, row[0]) for key, row in DAYS.items()],
        "counts": parts.one("How many", lambda: counted(scoping.for_staff(staff), wish, staff, now)),
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


def _wish(request: StaffRequest) -> ListFilter:
    return read_filter(request.GET, partial(searches.words_of, request))


def _waiting(groups: list[Group]) -> int:
    """Return how many urgent alerts on this page are not acknowledged."""
    return sum(len(group.rows) for group in groups if group.key == "open")
