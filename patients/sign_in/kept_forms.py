"""Kept forms: what a person sent while signed out, kept for that person alone until they sign in again.

They stay in the browser's session on the server; Keeping limits their time and length. A form of staff is deleted
when another person signs in there. A log, whose writer is not known yet, is deleted when another patient's log is
opened (recovery.phone.log.unsent). A form with a password or code in it is never kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone

KEPT, WHO_WAS_HERE = "kept_forms", "signed_out"
KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Keeping:
    """How many seconds forms of one kind are kept, and how many letters for one person."""

    seconds: int
    most_letters: int


# For forms of the desk: staff usually sign in again within minutes.
DESK = Keeping(KEPT_SECONDS, 16 * 1024)
NOT_KEPT = ("csrfmiddlewaretoken",)
# No page that keeps its form has these fields; a form that gets one is no longer kept.
SECRETS = frozenset({"code", "otp", "password", "password1", "password2", "oldpassword", "secret", "credential"})
HERE_AGAIN = "You were signed out before this was sent. What you typed is here: press again."
NOT_DONE = (
    "What you just pressed was not done: you had signed in anew since this page was opened. "
    "Look at it, then press again."
)
FIRST_PAGE = "/desk/"
View = Callable[..., HttpResponseBase]


def keeps_form(*but: str) -> Callable[[View], View]:
    """Mark a view whose form is filled by typed_or_kept; must be the outermost decorator.

    but: names of buttons that send no form. Such a press is never kept, because the page cannot show it again.
    """

    def mark(view: View) -> View:
        view.keeps_form = frozenset(but)  # type: ignore[attr-defined]
        return view

    return mark


def sign_out(request: HttpRequest) -> None:
    """End the session, but keep its kept forms and remember its user for forms sent next from this browser."""
    who = request.user.pk
    forms = _forms_of(request, who)
    logout(request)
    if forms:
        request.session[KEPT] = forms
    request.session[WHO_WAS_HERE] = who
    request.session.set_expiry(KEPT_SECONDS)


def was_here(request: HttpRequest) -> bool:
    """Return whether a user was signed out in this browser and has not signed in again."""
    return WHO_WAS_HERE in request.session


def page_of(request: HttpRequest) -> str:
    """Return the page to come back to after signing in; for a button's address, the page it was pressed on."""
    if request.method != "POST" or _buttons(request) is not None:
        return request.path
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() and page.path.startswith(FIRST_PAGE) else FIRST_PAGE


def keep(request: HttpRequest) -> str:
    """Keep the sent form if its page can show it again; returns the page to come back to after signing in."""
    buttons = _buttons(request)
    if request.method != "POST" or buttons is None:
        return page_of(request)
    who = request.user.pk if request.user.is_authenticated else request.session.get(WHO_WAS_HERE)
    if not buttons & set(request.POST) and put(request, who, request.POST, DESK):
        request.form_is_kept = True  # type: ignore[attr-defined]
    return request.path


def put(request: HttpRequest, who: int | str | None, typed: QueryDict, keeping: Keeping) -> bool:
    """Keep a form of this address; returns False when it is too long or holds a secret.

    who: the id of its user, or, when no user is signed in, the code of the patient it is about.
    """
    sent = typed.copy()
    for name in NOT_KEPT:
        sent.pop(name, None)
    form = {"who": who, "typed": sent.urlencode(), "until": int(timezone.now().timestamp()) + keeping.seconds}
    own = {**_forms_of(request, who), request.path: form}
    fits = sum(len(one["typed"]) for one in own.values()) <= keeping.most_letters
    if not fits or SECRETS & set(sent):
        return False
    request.session[KEPT] = {**request.session.get(KEPT, {}), **own}
    return True


def not_done(request: HttpRequest) -> bool:
    """Return whether a press was neither done nor kept, so that the person must be told; call it after keep()."""
    return request.method == "POST" and not hasattr(request, "form_is_kept")


def forget_others(request: HttpRequest) -> None:
    """Delete what other users typed in this browser; call it after a sign-in."""
    about = {form["who"] for form in request.session.get(KEPT, {}).values() if isinstance(form["who"], str)}
    _put(request, _forms_of(request, request.user.pk, *about))


def take_kept(request: HttpRequest) -> QueryDict | None:
    """Return and delete what this user typed into this form; None for another user or page, or when it expired."""
    request.session.pop(WHO_WAS_HERE, None)
    found = look(request, request.user.pk, request.path)
    drop(request, request.user.pk, request.path)
    return found


def look(request: HttpRequest, who: int | str | None, page: str) -> QueryDict | None:
    """Return what this person typed into the form of a page, or None; deletes what other people typed."""
    forms = _forms_of(request, who)
    _put(request, forms)
    return QueryDict(forms[page]["typed"]) if page in forms else None


def drop(request: HttpRequest, who: int | str | None, page: str) -> None:
    """Delete a kept form after it was sent or shown."""
    _put(request, {path: form for path, form in _forms_of(request, who).items() if path != page})


def _forms_of(request: HttpRequest, *whose: int | str | None) -> dict[str, dict[str, Any]]:
    """Return the forms of these people that have not expired, by page."""
    now, forms = timezone.now().timestamp(), request.session.get(KEPT, {})
    return {page: form for page, form in forms.items() if form["who"] in whose and _until(form) >= now}


def _put(request: HttpRequest, forms: dict[str, dict[str, Any]]) -> None:
    """Store these forms; does not touch the session when nothing changes, so that it is not saved."""
    if forms:
        if forms != request.session[KEPT]:
            request.session[KEPT] = forms
    elif KEPT in request.session:
        del request.session[KEPT]


def typed_or_kept(request: HttpRequest) -> QueryDict | None:
    """Return the form's data: what was just sent, or what the user typed while signed out, with a message."""
    if request.method == "POST":
        return request.POST
    kept = take_kept(request)
    if kept is not None:
        messages.warning(request, HERE_AGAIN)
    return kept


def _buttons(request: HttpRequest) -> frozenset[str] | None:
    """Return the names of the page's buttons that send no form; None for a page that keeps no form."""
    try:
        return getattr(resolve(request.path_info).func, "keeps_form", None)
    except Resolver404:
        return None


def _until(form: dict[str, Any]) -> float:
    """Until when a form is kept; one that version 0.1 kept says when that began, and is of the desk."""
    return float(form["until"] if "until" in form else form["at"] + KEPT_SECONDS)
