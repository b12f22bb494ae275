"""/desk/deliveries/: the messages of a clinic that were sent or given up, for its managers."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from alerts.clock import db_now
from alerts.lifecycle import resending as service
from alerts.messaging.delivery_list import CHANNELS, PAGE, as_lines, given_up, newest
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from patients.access import StaffRequest, needs
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.values.row_numbers import row_number

State = Delivery.State
WEBHOOK_DONE = (State.SENT, State.DELIVERED, State.DEAD)


@require_safe
@needs(Permission.SEE_MESSAGES)
def deliveries(request: StaffRequest) -> HttpResponse:
    """Show the messages lately given up, then all, newest first; filtered by state and channel.

    An unknown filter is a 404.
    """
    clinic_id, now = request.staff.clinic_id, timezone.now()
    state, channel, before = (request.GET.get(name, "") for name in ("state", "channel", "before"))
    chosen = _chosen(request)
    if (state and "state" not in chosen) or (channel and "channel" not in chosen):
        raise Http404
    if before and row_number(before) is None:
        raise Http404
    rows = newest(clinic_id, state=state, channel=channel, before=row_number(before))
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    gone = None if state or channel or before else given_up(clinic_id, now)
    dead = gone.rows if gone else []
    lines = as_lines([*dead, *rows[:PAGE]], clinic_id)
    page: dict[str, Any] = {
        "dead": [_with_buttons(line) for line in lines[: len(dead)]],
        "dead_left_out": gone.left_out if gone else 0,
        "lines": [_with_buttons(line) for line in lines[len(dead) :]],
        "next": urlencode({**chosen, "before": more}) if more else "",
        "choice": f"?{urlencode(chosen)}" if chosen else "",
        "before": before,
        "states": State.choices,
        "channels": CHANNELS.items(),
        "state": state,
        "channel": channel,
    }
    return render(request, "alerts/deliveries.html", page)


def _chosen(request: StaffRequest) -> dict[str, str]:
    """The known filters of the address, which the buttons keep."""
    known: dict[str, Collection[str]] = {"state": State.values, "channel": CHANNELS}
    given = {name: request.GET.get(name, "") for name in known}
    return {name: value for name, value in given.items() if value in known[name]}


def _with_buttons(line: Any) -> dict[str, Any]:
    dead = line.row.state == State.DEAD
    return {
        "line": line,
        "not_needed": service.not_needed(line.row) if dead else "",
        "may_replay": line.row.channel == "webhook" and line.row.state in WEBHOOK_DONE,
    }


@require_POST
@needs(Permission.SEE_MESSAGES)
def delivery_retry(request: StaffRequest, pk: int) -> HttpResponse:
    """Retry a message that was given up."""
    return _do(request, pk, service.retry, "It is on its way again, for half an hour.")


@require_POST
@needs(Permission.SEE_MESSAGES)
def delivery_replay(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a webhook message once more."""
    return _do(request, pk, service.replay, "It is sent once more, as a new message.")


def _do(request: StaffRequest, pk: int, action: Any, done: str) -> HttpResponse:
    if not rows_of(Delivery, clinic=request.staff.clinic_id).filter(pk=pk).exists():
        raise Http404
    try:
        action(staff=request.staff, pk=pk, now=db_now())
        messages.success(request, done)
    except AlertError as error:
        messages.error(request, error.text)
    chosen = _chosen(request)
    return redirect(reverse("alerts:deliveries") + (f"?{urlencode(chosen)}" if chosen else ""))
