"""The frame of the phone's JSON addresses: allowed methods, sign-in, and errors as problem+json."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from patients.access import needs
from patients.permissions import Permission
from recovery.forms.log_json import Refused

NOBODY = _("Please sign in. In an emergency call 911.")
NOT_LINKED = _("Nobody's recovery is linked to you.")
CLOSED = _("This recovery is closed. Ask your clinic.")
Door = Callable[[HttpRequest], HttpResponseBase]


def json_door(methods: tuple[str, ...], words: str) -> Callable[[Callable[[Any], HttpResponseBase]], Door]:
    """Make a JSON view for signed-in patients and helpers; the view may raise Refused. Nothing is cached.

    words: the text of the 405 answer to another method.
    """

    def wrap(view: Callable[[Any], HttpResponseBase]) -> Door:
        inside = needs(Permission.SEE_RECOVERY)(view)

        @wraps(view)
        def door(request: HttpRequest) -> HttpResponseBase:
            response = answered(request, methods, words, lambda asked: _signed_in(asked, inside))
            response["Cache-Control"] = "no-store, private"
            return response

        door.access = Permission.SEE_RECOVERY  # type: ignore[attr-defined]
        return door

    return wrap


def answered(request: HttpRequest, methods: tuple[str, ...], words: str, view: Door) -> HttpResponseBase:
    """Return the view's answer, Refused as a problem document, or 405 for another method."""
    if request.method not in methods:
        refused = Refused(405, words).response()
        refused["Allow"] = ", ".join(methods)
        return refused
    try:
        return view(request)
    except Refused as refused:
        return refused.response()


def _signed_in(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    if not request.user.is_authenticated:
        raise Refused(401, NOBODY)
    try:
        return view(request)
    except Http404 as nobody:
        raise Refused(404, NOT_LINKED) from nobody
