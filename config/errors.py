"""Error pages that say what to do next. They need no database, so they work while it is down."""

import sys
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.hashing import Busy
from patients.sign_in import proofs
from patients.sign_in.kept_forms import FIRST_PAGE, NOT_DONE, keep, not_done
from patients.trouble import not_taken
from recovery.phone.log.log_page import resend


def page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Return a plain error page, which always says where to get help."""
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 400, or 503 when only the session could not be saved: a phone does not send again after a 400."""
    if any(map(not_taken, _chain(exception))):
        return _away(request)
    return page(request, 400, "We could not read that", "Please go back and try again.")


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 403 for an action that the person may not do."""
    return page(request, 403, "This page is not for you", "Please go back, or sign in with another account.")


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 404, also for a page about another person's data."""
    return page(request, 404, "There is no such page", "Check the address, or start again from your first page.")


def button_only(request: HttpRequest) -> HttpResponse:
    """Answer 405 when a button's address is opened as a page; it did nothing, because only a press does."""
    text = "Nothing was done. Start again from your first page, and press the button there."
    return page(request, 405, "This address only answers a button", text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 while the database is down or too many people sign in at once."""
    error = sys.exc_info()[1]
    if not_taken(error) or isinstance(error, Busy):
        return _away(request)
    return _our_side(request, 500)


def _away(request: HttpRequest) -> HttpResponse:
    answer = _our_side(request, 503)
    answer["Retry-After"] = "2"
    return answer


def _our_side(request: HttpRequest, status: int) -> HttpResponse:
    return page(
        request,
        status,
        "Something went wrong on our side",
        "Please try again in a minute. If you feel worse, do not wait: call your clinic.",
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 for a form that was open too long or in a signed-out tab.

    The patient gets a log back with its answers kept, and staff get back what they typed before they signed in
    again in another tab.
    """
    request.refused = "form of another session"  # type: ignore[attr-defined]
    kept = resend(request)
    if kept is not None:
        kept.status_code = 403
        return kept
    if _from_our_own_page(request):
        back = keep(request)
        if not_done(request):
            messages.warning(request, NOT_DONE)
        return redirect(back)
    return page(
        request,
        403,
        "This page was open too long",
        "Go back, reload the page, and send it again. Nothing was saved from this try.",
    )


def _from_our_own_page(request: HttpRequest) -> bool:
    """Return whether the browser says that a desk page sent this, and a member of staff is signed in now."""
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin" and request.path.startswith(FIRST_PAGE)
    return ours and proofs.staff_now(request) is not None
