"""Error pages that say what to do next. They need no database, so they work when it does not."""

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
    """One plain page for one error, always with the way to help."""
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400; 503 when the session alone could not be saved: a phone never sends again what was a bad request."""
    if any(map(not_taken, _chain(exception))):
        return _away(request)
    return page(request, 400, "We could not read that", "Please go back and try again.")


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403"""
    return page(request, 403, "This page is not for you", "Please go back, or sign in with another account.")


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404, also for what belongs to somebody else."""
    return page(request, 404, "There is no such page", "Check the address, or start again from your first page.")


def button_only(request: HttpRequest) -> HttpResponse:
    """405 for a page that is none. Nothing was done: only a press does it."""
    text = "Nothing was done. Start again from your first page, and press the button there."
    return page(request, 405, "This address only answers a button", text)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away or too many sign in. What a patient sent is kept where it arrived."""
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
    """The error, and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long or in a signed-out tab. A log comes back with its answers kept,
    and so does what staff typed before they signed in again in another tab."""
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
    """Sent by a page of the desk, as the browser itself says, for somebody who is signed in by now."""
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin" and request.path.startswith(FIRST_PAGE)
    return ours and proofs.staff_now(request) is not None
