"""/status/: every promise, whether it is broken now, since when, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from alerts.clock import db_now
from alerts.lifecycle.selectors import WATCHDOG
from alerts.models import ProcessBeat
from alerts.monitoring.promises import MOST, Found, Offender, ask
from patients.front import front_refused
from patients.models import Staff
from patients.permissions import Permission, may
from patients.sign_in.proofs import staff_now
from patients.wall.scope import Scope, entered
from recovery.desk.desk_words import clock_words
from recovery.desk.status.runbook import advice_for
from recovery.promises import EVERY_PROMISE

STATES = {"broken": "Broken", "look": "Look today", "kept": "Kept"}


@dataclass(frozen=True)
class StatusLine:
    """One promise on the page."""

    key: str
    sentence: str
    state: str
    words: str
    since: str
    offenders: list[tuple[str, str]]
    more: bool
    advice: list[str]

    @property
    def label(self) -> str:
        """Return the state in words, because colour alone is not enough."""
        return STATES[self.state]


@require_safe
def status(request: HttpRequest) -> HttpResponseBase:
    """Show a manager their clinic with links, and an operator (a superuser without clinic) all clinics by ids."""
    user: Any = request.user
    if not user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    staff = staff_now(request)
    if staff is None and may(user, Permission.SEE_STATUS):
        with entered(Scope(user.pk, door="status")):
            return _page(request, None)
    if staff is None or not may(staff, Permission.SEE_STATUS):
        raise Http404
    request.staff = staff  # type: ignore[attr-defined]
    return _page(request, staff)


status.access = Permission.SEE_STATUS  # type: ignore[attr-defined]


def _page(request: HttpRequest, staff: Staff | None) -> HttpResponse:
    now, zone = db_now(), ZoneInfo(staff.clinic.timezone if staff else "UTC")
    found = ask(EVERY_PROMISE, now, staff.clinic_id if staff else None)
    beat = ProcessBeat.objects.filter(name=WATCHDOG).first()
    since = beat.detail.get("since", {}) if beat else {}
    lines = [_line(one, since, staff, lambda at: clock_words(at, now, zone)) for one in found]
    page = {
        "groups": [(state, [line for line in lines if line.state == state]) for state in STATES],
        "counts": {state: sum(line.state == state for line in lines) for state in STATES},
        "clinic": staff.clinic if staff else None,
        "now": now.astimezone(zone),
        "most": MOST,
        "refused": None if staff else front_refused(request),
    }
    return render(request, "recovery/desk/status.html", page)


def _line(found: Found, stored: dict[str, str], staff: Staff | None, at: Callable[[datetime], str]) -> StatusLine:
    promise = found.promise
    state = "kept" if found.is_kept else "look" if promise.warning else "broken"
    since = found.since or parse_datetime(stored.get(promise.key, ""))
    return StatusLine(
        key=promise.key,
        sentence=promise.sentence,
        state=state,
        words="" if found.is_kept else found.words,
        since=at(since) if since and not found.is_kept else "",
        offenders=[_shown(one, staff) for one in found.offenders[:MOST]],
        more=len(found.offenders) > MOST,
        advice=[] if found.is_kept else advice_for(promise.key),
    )


def _shown(offender: Offender, staff: Staff | None) -> tuple[str, str]:
    """Return the row's name, by id, and a link to it; the link is "" when this person may not open it."""
    name = f"{offender.what} {offender.ref}"
    if staff is None:
        return name, ""
    if offender.patient_code and offender.clinic_id == staff.clinic_id:
        return name, reverse("recovery:chart", args=[offender.patient_code])
    return name, reverse("alerts:oncall") if offender.what == "clinic" else ""
