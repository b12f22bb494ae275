"""How the phone's JSON addresses open: by which method, for whom, and problem+json for everybody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from patients.access import needs
from patients.permissions import Permission
from recovery.forms.log_json import Refused

NOBODY = "Please sign in. In an emergency call 911."
NOT_LINKED = "Nobody's recovery is linked to you."
CLOSED = "Your clinic has closed this recovery."
Door = Callable[[HttpRequest], HttpResponseBase]


def json_door(methods: tuple[str, ...], words: str) -> Callable[[Callable[[Any], HttpResponseBase]], Door]:
    """For whoever is signed in as a patient or helper; the view may raise Refused. Kept in no cache.

    words: how to ask, for those who come by another method.
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
    """What the view answers, a refusal as its problem document; 405 for another method."""
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
