"""Small rules for every request: an id, no caching of private pages, and who may act on what they have shown."""

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


# Nobody reads a password: it is compared letter by letter with the one that was chosen.
AS_TYPED = frozenset({"password", "password1", "password2", "oldpassword"})


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
    """The same fields with each text but passwords cleaned; the very same object when there was nothing to do."""
    texts = [(name, texts) for name, texts in typed.lists() if name not in AS_TYPED]
    if not any(text != clean(text) for _, some in texts for text in some):
        return typed
    found = typed.copy()
    for name, some in texts:
        found.setlist(name, [clean(text) for text in some])
    return found


class WallMiddleware:
    """Whatever a request asks of the database, it asks for the person who sends it (patients.wall).

    It says so once for all that it reads on end. Not at a door, where a password may take seconds, and not for a
    stream, which stays open: nothing waits inside a transaction.
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
    """A page shown to a signed-in person is never kept by a cache or the back button of a shared computer."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store, private"
        return response


class WipeAtSignOutMiddleware:
    """A patient or helper who signs out, or is signed out, leaves no page of theirs in the browser's own cache.

    Never "storage" and never "*": what other people wrote on this phone and no clinic has yet lies there. What
    is this person's there the page's script closes, by name (identity.js). Staff pages keep nothing.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_here = request.user.is_authenticated
        # Signed in once, and signed out from somewhere else since: the session this browser shows is gone.
        shown = bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        ended = shown and not was_here and request.session.is_empty()
        response = self.get_response(request)
        if ended or (was_here and not request.user.is_authenticated and not proofs.of(request).guarded):
            response["Clear-Site-Data"] = '"cache"'
        return response


class StandingMiddleware:
    """Nobody acts on more than they are right now, and than this session has shown (patients.sign_in.proofs).

    Staff are signed out after STAFF_IDLE_MINUTES without a click, after a shift, and when the session has not
    shown what staff must show. Live updates do not count as clicks. What is sent after that, from any tab, is kept
    for her and is in its form again when she is back.
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
        """A form of the desk, from a browser whose reader was signed out in another tab."""
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
        # Only shown to people: this machine's own clock will do, and spares a statement.
        now_here = timezone.now()
        if abs(now_here.timestamp() - session.get(sessions.SEEN, 0)) > sessions.SEEN_EVERY_SECONDS:
            sessions.seen(request, now_here)


class UnreadableFactorMiddleware:
    """Recovery codes that no key of ours opens, or that were another person's: said, with what to do."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Their own page, and those of the sign-in library."""
        if not isinstance(error, Unopened) or not isinstance(request.user, User):
            return None
        if not request.path.startswith(reverse("mfa_index")):
            return None
        note(What.FAILED, request, user=request.user, detail="cannot be opened: recovery_codes")
        return render(request, "mfa/recovery_codes/unreadable.html", status=409)


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
