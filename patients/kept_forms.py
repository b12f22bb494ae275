"""What a member of staff typed while she was signed out: kept for her alone, until she is back.

It stays with the browser's session, on the server, for an hour. Nobody else who signs in there reads it.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone

KEPT, WHO_WAS_HERE = "kept_form", "signed_out"
KEPT_SECONDS = 3600
MOST_LETTERS = 16 * 1024
NOT_KEPT = ("csrfmiddlewaretoken",)
NOT_DONE = (
    "What you just pressed was not done: you had signed in anew since this page was opened. "
    "Look at it, then press again."
)
FIRST_PAGE = "/desk/"
View = Callable[..., HttpResponseBase]


def keeps_form(view: View) -> View:
    """The outermost mark of a view whose form is filled by typed_or_kept."""
    view.keeps_form = True  # type: ignore[attr-defined]
    return view


def signed_out(request: HttpRequest, user_id: int) -> None:
    """Call after an idle session was ended: whatever is sent next from this browser is hers."""
    request.session[WHO_WAS_HERE] = user_id
    request.session.set_expiry(KEPT_SECONDS)


def was_here(request: HttpRequest) -> bool:
    """Was somebody signed out here, and nobody has come back yet?"""
    return WHO_WAS_HERE in request.session


def page_of(request: HttpRequest) -> str:
    """The page to come back to after signing in. A button's own address answers only to the press."""
    if request.method != "POST" or _keeps(request):
        return request.path
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() and page.path.startswith(FIRST_PAGE) else FIRST_PAGE


def keep(request: HttpRequest) -> str:
    """Keep what was sent, when its page can show it again; the page to come back to after signing in."""
    if request.method != "POST" or not _keeps(request):
        return page_of(request)
    sent = request.POST.copy()
    for name in NOT_KEPT:
        sent.pop(name, None)
    typed = sent.urlencode()
    if len(typed) <= MOST_LETTERS:
        who = request.user.pk if request.user.is_authenticated else request.session.get(WHO_WAS_HERE)
        at = int(timezone.now().timestamp())
        request.session[KEPT] = {"who": who, "path": request.path, "typed": typed, "at": at}
    return request.path


def not_done(request: HttpRequest) -> bool:
    """After keep(): a press that neither counted nor is kept, so that whoever made it has to hear of it."""
    return request.method == "POST" and request.session.get(KEPT, {}).get("path") != request.path


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What she typed into this very form, once; None for anybody else, another page, or after an hour."""
    request.session.pop(WHO_WAS_HERE, None)
    kept = request.session.get(KEPT)
    if not kept:
        return None
    hers = kept["who"] == request.user.pk
    old = timezone.now().timestamp() - kept["at"] > KEPT_SECONDS
    if hers and not old and kept["path"] != request.path:
        return None
    del request.session[KEPT]
    return QueryDict(kept["typed"]) if hers and not old else None


def typed_or_kept(request: HttpRequest) -> QueryDict | None:
    """For a form's data: what was sent just now, or what she typed while she was signed out."""
    if request.method == "POST":
        return request.POST
    kept = take_kept(request)
    if kept is not None:
        messages.warning(request, "You were signed out before this was sent. What you typed is here: press again.")
    return kept


def _keeps(request: HttpRequest) -> bool:
    try:
        return bool(getattr(resolve(request.path_info).func, "keeps_form", False))
    except Resolver404:
        return False
