"""What a member of staff typed while she was signed out: kept for her alone, until she is back.

It stays with the browser's session, on the server, for an hour, and goes when somebody else signs in there. A form
with a password or a code in it is never kept.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone

KEPT, WHO_WAS_HERE = "kept_forms", "signed_out"
KEPT_SECONDS = 3600
MOST_LETTERS = 16 * 1024
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
    sent = request.POST.copy()
    for name in NOT_KEPT:
        sent.pop(name, None)
    who = request.user.pk if request.user.is_authenticated else request.session.get(WHO_WAS_HERE)
    form = {"who": who, "typed": sent.urlencode(), "at": int(timezone.now().timestamp())}
    forms = {**_forms_of(request, who), request.path: form}
    letters = sum(len(one["typed"]) for one in forms.values())
    if not (buttons | SECRETS) & set(sent) and letters <= MOST_LETTERS:
        request.session[KEPT] = forms
        request.form_is_kept = True  # type: ignore[attr-defined]
    return request.path


def not_done(request: HttpRequest) -> bool:
    """After keep(): a press that neither counted nor is kept, so that whoever made it has to hear of it."""
    return request.method == "POST" and not hasattr(request, "form_is_kept")


def forget_others(request: HttpRequest) -> None:
    """Call when somebody has signed in: what another person typed here is gone."""
    _put(request, _forms_of(request, request.user.pk))


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What she typed into this very form, once; None for anybody else, another page, or after an hour."""
    request.session.pop(WHO_WAS_HERE, None)
    forms = _forms_of(request, request.user.pk)
    form = forms.pop(request.path, None)
    _put(request, forms)
    return QueryDict(form["typed"]) if form else None


def _forms_of(request: HttpRequest, who: int | None) -> dict[str, dict[str, Any]]:
    """What this person typed here within the hour, by page."""
    since = timezone.now().timestamp() - KEPT_SECONDS
    forms = request.session.get(KEPT, {})
    return {page: form for page, form in forms.items() if form["who"] == who and form["at"] >= since}


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
