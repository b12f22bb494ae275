"""Small rules for every request: an id, no caching of private pages, idle sign-out, second factor for staff."""

import uuid
from collections.abc import Callable
from urllib.parse import quote

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from alerts.clock import db_now
from config.errors import button_only
from patients import kept_forms
from patients.clean import clean
from patients.scoping import staff_of

Next = Callable[[HttpRequest], HttpResponse]
LAST_CLICK = "last_click"
WRITE_EVERY_SECONDS = 15
IS_STAFF = "is_staff_session"
# Asked for by the page, not by the person: these must not keep an idle session alive.
BACKGROUND_HEADER = "HTTP_X_BACKGROUND"
# A browser's event stream reconnects by itself and cannot send a header of ours.
BACKGROUND_PATHS = ("/events/",)
SIGNED_PATHS = ("/hooks/",)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def by_itself(request: HttpRequest) -> bool:
    """Did the page ask, without anybody clicking?"""
    return BACKGROUND_HEADER in request.META or request.path.startswith(BACKGROUND_PATHS)


class RequestIdMiddleware:
    """Give each request an id, so that audit rows and log lines of one click can be found together.

    And each answer says that it is ours. A phone believes no other: a hotel's login page says 200 to everything.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        response["X-Kypho"] = "1"
        return response


class CleanTextMiddleware:
    """What people type reaches every form without letters nobody can see: one place, for forms of today and later.

    A provider's message is left as it is: its signature is over the very letters. Whoever reads it cleans it.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(SIGNED_PATHS):
            request.GET = cleaned(request.GET)  # type: ignore[assignment]
            if request.method == "POST" and request.content_type in FORM_TYPES:
                request.POST = cleaned(request.POST)  # type: ignore[assignment]
        return self.get_response(request)


def cleaned(typed: QueryDict) -> QueryDict:
    """The same fields with each text cleaned; the very same object when there was nothing to do."""
    if not any(text != clean(text) for _, texts in typed.lists() for text in texts):
        return typed
    found = typed.copy()
    for name, texts in typed.lists():
        found.setlist(name, [clean(text) for text in texts])
    return found


class NoStoreMiddleware:
    """A page shown to a signed-in person is never kept by a cache or the back button of a shared computer."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store, private"
        return response


class WipeAtSignOutMiddleware:
    """A patient or helper who signs out leaves no page of theirs in the browser's own cache.

    Never "storage" and never "*": what other people wrote on this phone and no clinic has yet lies there. What
    is this person's there the page's script closes, by name (identity.js). Staff pages keep nothing.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        keeps = request.user.is_authenticated and not request.session.get(IS_STAFF)
        response = self.get_response(request)
        if keeps and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache"'
        return response


class IdleSignOutMiddleware:
    """Staff are signed out after STAFF_IDLE_MINUTES without a click. Live updates do not count as clicks.

    By the database's clock: that of one web machine, when it is wrong, would sign everybody out, or nobody ever.
    What is sent after that, from any tab, is kept for her and is in its form again when she is back.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._is_staff(request) and not self._is_fresh(request):
            now = int(db_now().timestamp())
            idle_seconds = now - request.session.get(LAST_CLICK, now)
            if idle_seconds > settings.STAFF_IDLE_MINUTES * 60:
                who = request.user.pk
                logout(request)
                kept_forms.signed_out(request, who)
                return HttpResponse(status=401) if by_itself(request) else self._to_sign_in(request)
            if not by_itself(request):
                request.session[LAST_CLICK] = now
        elif self._sent_too_late(request):
            return self._to_sign_in(request)
        return self.get_response(request)

    def _to_sign_in(self, request: HttpRequest) -> HttpResponse:
        page = kept_forms.keep(request)
        pressed = "&pressed=1" if kept_forms.not_done(request) else ""
        return redirect(f"{reverse('account_login')}?idle=1{pressed}&next={quote(page)}")

    def _sent_too_late(self, request: HttpRequest) -> bool:
        """A form of the desk, from a browser whose reader was signed out in another tab."""
        desk = request.method == "POST" and request.path.startswith(kept_forms.FIRST_PAGE)
        return desk and not request.user.is_authenticated and kept_forms.was_here(request)

    def _is_fresh(self, request: HttpRequest) -> bool:
        """Is there nothing to do, as far as this machine's clock can tell? Spares most requests a statement."""
        age_seconds = timezone.now().timestamp() - request.session.get(LAST_CLICK, 0)
        return 0 <= age_seconds < (settings.STAFF_IDLE_MINUTES * 60 if by_itself(request) else WRITE_EVERY_SECONDS)

    def _is_staff(self, request: HttpRequest) -> bool:
        """Asked of the database once per session, then remembered in it."""
        if IS_STAFF not in request.session:
            request.session[IS_STAFF] = staff_of(request.user) is not None  # type: ignore[arg-type]
        return bool(request.session[IS_STAFF])


class SecondFactorMiddleware:
    """Staff see no patient before they have a second factor or a passkey (off, and said so, in a demo)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.STAFF_SECOND_FACTOR
            and request.user.is_authenticated
            and request.session.get(IS_STAFF)
            and not request.path.startswith(("/accounts/", "/static/", "/health/"))
            and not is_mfa_enabled(request.user)
        ):
            return redirect("mfa_index")
        return self.get_response(request)


class ButtonAddressMiddleware:
    """An address that only answers a button, opened as a page (after signing in, or from the history), says so."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 405 and not response.content:
            told = button_only(request)
            told["Allow"] = response["Allow"]
            return told
        return response
