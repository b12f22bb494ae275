"""Writes events to the trail: a row, in the transaction of what happened, and a line in the server's log."""

import logging

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from patients.clock import db_now
from patients.models import Clinic, TrailEvent, User
from patients.values.browser_names import device_words

What = TrailEvent.What
log_lines = logging.getLogger("kypho.trail")


def note(
    what: TrailEvent.What,
    request: HttpRequest | None,
    *,
    user: User | None = None,
    by: User | None = None,
    clinic: Clinic | None = None,
    detail: str = "",
) -> TrailEvent:
    """Write one event. user: whom it is about; by: who did it, if another person; detail: our words, no secret."""
    event = TrailEvent.objects.create(
        at=db_now(),
        what=what,
        user=user,
        by=by,
        clinic=clinic,
        detail=detail[:80],
        ip=_ip(request),
        device=device_words(request.headers.get("User-Agent", "")) if request else "",
        request_id=getattr(request, "request_id", ""),
    )
    if request is not None:
        request.in_trail = True  # type: ignore[attr-defined]
    log_lines.info("%s user=%s by=%s (%s)", what.value, event.user_id, event.by_id, event.detail)
    return event


def _ip(request: HttpRequest | None) -> str | None:
    try:
        return str(get_adapter().get_client_ip(request)) if request else None
    except PermissionDenied:  # no address: a UNIX socket of this machine
        return None
