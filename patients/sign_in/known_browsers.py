"""Known browsers, in which a person signed in before: a signed cookie that grants nothing but separate counting.

So an attacker who uses up the tries at a sign-in address does not lock out its owner.
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
    """Return the browser's name if this user signed in here before; else empty text."""
    known = _read(request)
    return known["name"] if user and person_mark(user) in known["people"] else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Set the cookie that makes this browser known for this user."""
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
