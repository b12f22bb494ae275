"""The style sheets of the phone side: inside a page until the phone keeps them, then by their names.

A first page is painted after one way to the clinic and back, not two. Which sheets a phone keeps stands in a
cookie that the service worker's script brings: the worker keeps them with it.
"""

from functools import cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse

SHEETS = ("css/phone.css", "css/phone_pages.css")
# As long as browsers keep any cookie.
COOKIE_SECONDS = 400 * 24 * 3600


def are_kept(request: HttpRequest) -> bool:
    """Return whether the phone that asks has said that it keeps the sheets of this version."""
    return request.COOKIES.get(settings.SHEETS_COOKIE_NAME) == mark()


def remember(response: HttpResponse) -> None:
    """Let the phone say from now on that it keeps the sheets of this version."""
    response.set_cookie(
        settings.SHEETS_COOKIE_NAME,
        mark(),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@cache
def mark() -> str:
    """Return the names of the sheets of this version in one word; their names hold a hash of what is in them."""
    return ".".join(staticfiles_storage.url(name).rsplit(".", 2)[-2] for name in SHEETS)


@cache
def text(name: str) -> str:
    """Return what the collected sheet says; empty where sheets are served from their sources, in parts."""
    stored = getattr(staticfiles_storage, "stored_name", None)
    if stored is None or not staticfiles_storage.exists(stored(name)):
        return ""
    with staticfiles_storage.open(stored(name)) as file:
        return str(file.read().decode())
