"""How somebody wants the phone's pages to look, kept in two cookies that say nothing of anybody."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Cookie, and what it may say; anything else, or none: as the phone itself is set.
THEME = ("look_theme", frozenset({"light", "dark", "contrast"}))
TEXT_SIZE = ("look_text", frozenset({"l", "xl"}))
YEAR_S = 365 * 24 * 3600
Choice = tuple[str, frozenset[str]]


def chosen(request: HttpRequest, choice: Choice) -> str:
    """What was chosen, or an empty text."""
    cookie, known = choice
    value = request.COOKIES.get(cookie, "")
    return value if value in known else ""


def keep(answer: HttpResponseBase, choice: Choice, value: str) -> None:
    """Keep it for a year; a value that is not known takes the choice back."""
    cookie, known = choice
    if value not in known:
        answer.delete_cookie(cookie, samesite="Lax")
        return
    secure = settings.SESSION_COOKIE_SECURE
    answer.set_cookie(cookie, value, max_age=YEAR_S, secure=secure, httponly=True, samesite="Lax")
