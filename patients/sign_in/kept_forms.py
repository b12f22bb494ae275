"""What somebody typed while signed out: kept for that person alone, until they are back.

It stays with the browser's session, on the server; its kind says how long, and how many letters. What a member of
staff typed goes when somebody else signs in there. A log, whose writer is not known yet, goes when the log of
another person is opened (recovery.phone.log.unsent). A form with a password or a code in it is never kept.
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
    """How long forms of one kind are kept, and how many letters of one person."""

    seconds: int
    most_letters: int


# Forms of the desk: her next sign-in is minutes away.
DESK = Keeping(KEPT_SECONDS, 16 * 1024)
NOT_KEPT = ("csrfmiddlewaretoken",)
# No page that keeps its form has one of these: should that change, its form is not kept.
SECRETS = frozenset({"code", "otp", "password", "password1", "password2", "oldpassword", "secret", "credential"})
HERE_AGAIN = "You were signed out before this was sent. What you typed is here: press again."
NOT_DONE = (
    "What you just pressed was not done: you had signed in anew since this page was opened. "
    "Look at it, then press again."
)
FIRST_PAGE = "/desk/"
View = Callable[..., HttpResponseBase]


def keeps_form(*but: str) -> Callable[[View], View]:
    """The outermost mark of a view whose form is filled by typed_or_kept.

    but: fields of its buttons that are no form. Such a press is never kept: a page cannot show it again.
    """

    def mark(view: View) -> View:
        view.keeps_form = frozenset(but)  # type: ignore[attr-defined]
        return view

    return mark


def sign_out(request: HttpRequest) -> None:
    """End a session from here: what its page kept so far stays hers, as is what is sent next from here."""
    who = request.user.pk
    forms = _forms_of(request, who)
    logout(request)
    if forms:
        request.session[KEPT] = forms
    request.session[WHO_WAS_HERE] = who
    request.session.set_expiry(KEPT_SECONDS)


def was_here(request: HttpRequest) -> bool:
    """Was somebody signed out here, and nobody has come back yet?"""
    return WHO_WAS_HERE in request.session


def page_of(request: HttpRequest) -> str:
    """The page to come back to after signing in. A button's own address answers only to the press."""
    if request.method != "POST" or _buttons(request) is not None:
        return request.path
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() and page.path.startswith(FIRST_PAGE) else FIRST_PAGE


def keep(request: HttpRequest) -> str:
    """Keep what was sent, when its page can show it again; the page to come back to after signing in."""
    buttons = _buttons(request)
    if request.method != "POST" or buttons is None:
        return page_of(request)
    who = request.user.pk if request.user.is_authenticated else request.session.get(WHO_WAS_HERE)
    if not buttons & set(request.POST) and put(request, who, request.POST, DESK):
        request.form_is_kept = True  # type: ignore[attr-defined]
    return request.path


def put(request: HttpRequest, who: int | str | None, typed: QueryDict, keeping: Keeping) -> bool:
    """Keep what was typed into the form of this address; False when it is too long, or holds a secret.

    who: the user it is for, or, of a form nobody is signed in for, the code of the person it is about.
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
    """After keep(): a press that neither counted nor is kept, so that whoever made it has to hear of it."""
    return request.method == "POST" and not hasattr(request, "form_is_kept")


def forget_others(request: HttpRequest) -> None:
    """Call when somebody has signed in: what another user typed here is gone."""
    about = {form["who"] for form in request.session.get(KEPT, {}).values() if isinstance(form["who"], str)}
    _put(request, _forms_of(request, request.user.pk, *about))


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What she typed into this very form, once; None for anybody else, another page, or after an hour."""
    request.session.pop(WHO_WAS_HERE, None)
    found = look(request, request.user.pk, request.path)
    drop(request, request.user.pk, request.path)
    return found


def look(request: HttpRequest, who: int | str | None, page: str) -> QueryDict | None:
    """What was typed into the form of this address, while it is kept. What anybody else typed here is gone."""
    forms = _forms_of(request, who)
    _put(request, forms)
    return QueryDict(forms[page]["typed"]) if page in forms else None


def drop(request: HttpRequest, who: int | str | None, page: str) -> None:
    """It was sent, or shown in its form: it is kept no longer."""
    _put(request, {path: form for path, form in _forms_of(request, who).items() if path != page})


def _forms_of(request: HttpRequest, *whose: int | str | None) -> dict[str, dict[str, Any]]:
    """What these people typed here that is kept still, by page."""
    now, forms = timezone.now().timestamp(), request.session.get(KEPT, {})
    return {page: form for page, form in forms.items() if form["who"] in whose and form.get("until", 0) >= now}


def _put(request: HttpRequest, forms: dict[str, dict[str, Any]]) -> None:
    """Keep these; a session in which nothing changes is not written."""
    if forms:
        if forms != request.session[KEPT]:
            request.session[KEPT] = forms
    elif KEPT in request.session:
        del request.session[KEPT]


def typed_or_kept(request: HttpRequest) -> QueryDict | None:
    """For a form's data: what was sent just now, or what she typed while she was signed out."""
    if request.method == "POST":
        return request.POST
    kept = take_kept(request)
    if kept is not None:
        messages.warning(request, HERE_AGAIN)
    return kept


def _buttons(request: HttpRequest) -> frozenset[str] | None:
    """The fields of those buttons of the page that are no form; None for a page that keeps nothing."""
    try:
        return getattr(resolve(request.path_info).func, "keeps_form", None)
    except Resolver404:
        return None
