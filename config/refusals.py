"""Writes refused requests to the trail, for all pages in one place.

Examples are another person's page, a form of another session, a forged signature, a body that is too large or
requests that come too often. A line holds only ids, and a flood of refusals writes only a few lines.
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

# Left out: 401 (a phone keeps asking after its sign-in ended), 405 (a button's address), 409 and 422 (the person
# can correct it), and 421 (for another process of ours).
REFUSALS = {
    400: "not readable",
    403: "not allowed",
    404: "not theirs or not there",
    411: "no length",
    413: "too large",
    415: "of another kind",
    429: "too often",
}
# Only these parts of an address are written: other parts may be secrets that open something.
IDS = ("code", "pk")
LAST = "; no more is written for an hour"
EACH_PER_HOUR = 20
STRANGERS_PER_HOUR = 300
each, strangers = Tally(EACH_PER_HOUR), Tally(STRANGERS_PER_HOUR)
log_lines = logging.getLogger(__name__)


class RefusalsMiddleware:
    """Writes refusals to the trail. It is the outermost middleware, so it sees what all others refuse."""

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
    """Return the reason with ids; empty when the request was not refused or is in the trail already."""
    if getattr(request, "in_trail", False):
        return ""
    if _of_another_host(request):
        return "another host"
    found = request.resolver_match
    words = getattr(request, "refused", "") or REFUSALS.get(status, "")
    if not words or (status == 404 and not found):
        return ""  # there is no such page, so nothing was refused
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
        # A limit for strangers from many networks at once. It does not affect people who are signed in.
        left = min(left, strangers.left("", now))
    if left:
        note(What.REFUSED, request, user=known, detail=f"{why[: 80 - len(LAST)]}{LAST}" if left == 1 else why)
