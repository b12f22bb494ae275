"""Whoever is not let do something is a line of the trail: a page that is not theirs, a form of another session, a
forged signature, too much or too often. One place for all pages; ids alone, and a flood writes a few lines.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest, HttpResponse

from config.tally import Tally
from patients.models import User
from patients.sign_in.limits import network
from patients.trail import What, note
from patients.wall.scope import entered, of_request

# Not 401 (a phone whose sign-in has ended asks on), 405 (a button's address), 409 and 422 (to be corrected), and
# not 421 (another process of ours).
REFUSALS = {
    400: "not readable",
    403: "not allowed",
    404: "not theirs or not there",
    411: "no length",
    413: "too large",
    415: "of another kind",
    429: "too often",
}
# Ids of ours in an address; what else stands there may open something.
IDS = ("code", "pk")
LAST = "; no more is written for an hour"
EACH_PER_HOUR = 20
STRANGERS_PER_HOUR = 300
each, strangers = Tally(EACH_PER_HOUR), Tally(STRANGERS_PER_HOUR)
log_lines = logging.getLogger(__name__)


class RefusalsMiddleware:
    """The outermost: it sees what every other one refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        why = _why(request, response.status_code)
        if why:
            try:
                with entered(of_request(request)):
                    _write(request, why)
            except Error as error:
                log_lines.warning("a refusal is not in the trail (%s): %s", type(error).__name__, why)
        return response


def _why(request: HttpRequest, status: int) -> str:
    """In words of ours with ids; empty for what is no refusal, or stands in the trail already."""
    if getattr(request, "in_trail", False):
        return ""
    if _of_another_host(request):
        return "another host"
    found = request.resolver_match
    words = getattr(request, "refused", "") or REFUSALS.get(status, "")
    if not words or (status == 404 and not found):
        return ""  # no page of ours at all: nothing was kept from anybody
    ids = [str(found.kwargs[name]) for name in IDS if name in found.kwargs] if found else []
    return " ".join([f"{words}:", found.view_name if found else "no page", *ids])


def _of_another_host(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return True
    return False


def _write(request: HttpRequest, why: str) -> None:
    user: Any = getattr(request, "user", None)
    known = user if isinstance(user, User) or getattr(user, "is_authenticated", False) else None
    now = time.monotonic()
    left = each.left(f"user {known.pk}" if known else network(request), now)
    if left and not known:
        # From many networks at once. A person who is signed in is never hidden by strangers.
        left = min(left, strangers.left("", now))
    if left:
        note(What.REFUSED, request, user=known, detail=f"{why[: 80 - len(LAST)]}{LAST}" if left == 1 else why)
