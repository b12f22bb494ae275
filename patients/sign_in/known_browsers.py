"""A browser in which somebody has signed in before, known by a signed cookie. It opens nothing, it counts apart.

So a stranger who uses up the tries at a sign-in address takes nothing from whoever has been here before.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from patients.models import User
from patients.sign_in.phone_secrets import person_mark

SALT = "kypho.known-browser"
MOST_PEOPLE = 8
AGE_SECONDS = 400 * 24 * 3600


def name_of(request: HttpRequest, user: User | None) -> str:
    """The browser's own name when this person has signed in here before; else empty."""
    known = _read(request)
    return known["name"] if user and person_mark(user) in known["people"] else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """From now on this browser is known to this person's sign-in."""
    known, mark = _read(request), person_mark(user)
    people = [mark, *(one for one in known["people"] if one != mark)][:MOST_PEOPLE]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE,
        signing.dumps({"name": known["name"] or secrets.token_urlsafe(12), "people": people}, salt=SALT),
        max_age=AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE, "")
    try:
        found = signing.loads(cookie, salt=SALT, max_age=AGE_SECONDS)
        return {"name": str(found["name"]), "people": list(found["people"])}
    except (signing.BadSignature, KeyError, TypeError):
        return {"name": "", "people": []}
