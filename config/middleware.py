"""Rules for every request: an id, clean text, the database's scope, no caching, and the person's standing."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from config.database.base import DatabaseWrapper
from config.errors import button_only
from patients.models import User
from patients.services import sessions
from patients.sign_in import kept_forms, proofs
from patients.sign_in.proofs import Lack
from patients.trail import What, note
from patients.values.typed_text import clean
from patients.vault.keys import Unopened
from patients.wall.scope import door_of, entered, of_request

Next = Callable[[HttpRequest], HttpResponse]
WRITE_EVERY_SECONDS = 15
# Open to staff who have no second factor yet: the pages where they set one up.
FOR_ANYBODY = ("/accounts/", "/static/", "/health/")
FACTOR_PAGES = "/accounts/2fa/"
LACKS = {
    Lack.IDLE: "nobody clicked",
    Lack.OLD: "a shift was over",
    Lack.PROOF: "too little was shown",
    Lack.GONE: "its passkey was removed",
}
# The page sends these requests by itself: they must not keep an idle session alive.
BACKGROUND_HEADER = "HTTP_X_BACKGROUND"
# A browser's event stream reconnects by itself and cannot send our header.
BACKGROUND_PATHS = ("/events/",)
SIGNED_PATHS = ("/hooks/",)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def by_itself(request: HttpRequest) -> bool:
    """Return whether the page sent this request by itself, without a click."""
    return BACKGROUND_HEADER in request.META or request.path.startswith(BACKGROUND_PATHS)


class RequestIdMiddleware:
    """Gives each request an id, so that the audit rows and log lines of one click can be found together.

    It also marks each answer as ours. A phone trusts no other answer, because the login page of a hotel's Wi-Fi
    answers 200 to everything.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        response["X-Kypho"] = "1"
        return response


# Passwords are compared letter by letter, so they are not cleaned.
AS_TYPED = frozenset({"password", "password1", "password2", "oldpassword"})


class CleanTextMiddleware:
    """Removes invisible letters from what people type, before any form reads it.

    It leaves a provider's message unchanged, because the signature covers its exact letters; the code that reads
    the message cleans it.
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
    """Return the fields with all texts but passwords cleaned; the same object when nothing had to change."""
    texts = [(name, texts) for name, texts in typed.lists() if name not in AS_TYPED]
    if not any(text != clean(text) for _, some in texts for text in some):
        return typed
    found = typed.copy()
    for name, some in texts:
        found.setlist(name, [clean(text) for text in some])
    return found


class WallMiddleware:
    """Sets the scope of the database for each request: the person who sends it (patients.wall).

    Consecutive reads of a request share one transaction, so the scope is sent once. Doors and streams do not share
    one, because a password check may take seconds and a stream stays open, and no transaction may wait that long.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with entered(of_request(request)), self._reads(request):
            return self.get_response(request)

    @staticmethod
    def _reads(request: HttpRequest) -> AbstractContextManager[None]:
        if door_of(request.path) or request.path.startswith(BACKGROUND_PATHS):
            return nullcontext()
        return cast(DatabaseWrapper, connection).reads_together()


class NoStoreMiddleware:
    """Keeps pages of signed-in people out of caches, and off the back button of a shared computer."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store, private"
        return response


class WipeAtSignOutMiddleware:
    """Clears the browser's cache when a patient or helper signs out or is signed out.

    It never clears "storage" or "*", because unsent logs of other people may be stored on this phone. The page's
    script closes (encrypts) this person's own things there by name (identity.js). Staff pages store nothing.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_here = request.user.is_authenticated
        # The browser was signed in and shows a session that was ended elsewhere.
        shown = bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        ended = shown and not was_here and request.session.is_empty()
        response = self.get_response(request)
        if ended or (was_here and not request.user.is_authenticated and not proofs.of(request).guarded):
            response["Clear-Site-Data"] = '"cache"'
        return response


class StandingMiddleware:
    """Checks at each request who the person is now and which proofs their session has (patients.sign_in.proofs).

    It signs staff out after STAFF_IDLE_MINUTES without a click, after a shift, and when the session lacks a proof
    that staff must have. Live updates do not count as clicks. A form sent after that, from any tab, is kept, and
    its form shows it again when the nurse is back.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            late = self._sent_too_late(request)
            return self._to_sign_in(request, Lack.IDLE) if late else self.get_response(request)
        standing = proofs.of(request)
        if standing.lack == Lack.SET_UP:
            return self.get_response(request) if request.path.startswith(FOR_ANYBODY) else redirect("mfa_index")
        if standing.lack:
            return self._sign_out(request, standing.lack)
        if not standing.guarded and request.path.startswith(FACTOR_PAGES):
            # Second factors are staff's. Patients and helpers have /my/sign-in/, which asks first who they are.
            raise Http404
        if not by_itself(request):
            self._clicked(request, standing)
        return self.get_response(request)

    def _sign_out(self, request: HttpRequest, lack: Lack) -> HttpResponse:
        who = request.user
        assert isinstance(who, User)
        kept_forms.sign_out(request)
        note(What.ENDED, request, user=who, detail=LACKS[lack])
        return HttpResponse(status=401) if by_itself(request) else self._to_sign_in(request, lack)

    def _to_sign_in(self, request: HttpRequest, why: str) -> HttpResponse:
        page = kept_forms.keep(request)
        pressed = "&pressed=1" if kept_forms.not_done(request) else ""
        return redirect(f"{reverse('account_login')}?{why}=1{pressed}&next={quote(page)}")

    def _sent_too_late(self, request: HttpRequest) -> bool:
        """Return whether this is a desk form from a browser whose user was signed out in another tab."""
        return (
            request.method == "POST"
            and request.path.startswith(kept_forms.FIRST_PAGE)
            and kept_forms.was_here(request)
        )

    def _clicked(self, request: HttpRequest, standing: proofs.Standing) -> None:
        session = request.session
        if standing.now:
            now = int(standing.now.timestamp())
            session.setdefault(proofs.CAME_IN, now)
            if now - session.get(proofs.LAST_CLICK, 0) > WRITE_EVERY_SECONDS:
                session[proofs.LAST_CLICK] = now
                session.set_expiry(int(proofs.SHIFT.total_seconds()))
        # This time is only displayed, so this machine's clock is good enough and saves a statement.
        now_here = timezone.now()
        if abs(now_here.timestamp() - session.get(sessions.SEEN, 0)) > sessions.SEEN_EVERY_SECONDS:
            sessions.seen(request, now_here)


class UnreadableFactorMiddleware:
    """Tells people with unreadable recovery codes what to do: no key opens them, or they are another person's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 409 with that page, on our page of codes and on those of the sign-in library."""
        if not isinstance(error, Unopened) or not isinstance(request.user, User):
            return None
        if not request.path.startswith(reverse("mfa_index")):
            return None
        note(What.FAILED, request, user=request.user, detail="cannot be opened: recovery_codes")
        return render(request, "mfa/recovery_codes/unreadable.html", status=409)


class ButtonAddressMiddleware:
    """Explains a button's address that is opened as a page, for example after signing in or from the history."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 405 and not response.content:
            told = button_only(request)
            told["Allow"] = response["Allow"]
            return told
        return response
