"""Keeps search words in the session under a short random key, so that no patient's name appears in an address.

Addresses end up in browser histories, bookmarks and the logs of proxies. The key reveals nothing there, works only
in this session, and ends with it.
"""

import secrets

from django.http import HttpRequest

KEPT = "searches"
MOST = 20
KEY_BYTES = 9


def keep(request: HttpRequest, words: str) -> str:
    """Keep the words and return their key; the same words keep their key, the oldest make room for new ones."""
    kept: dict[str, str] = request.session.get(KEPT, {})
    known = next((key for key, found in kept.items() if found == words), "")
    key = known or secrets.token_urlsafe(KEY_BYTES)
    others = [(other, found) for other, found in kept.items() if other != key]
    request.session[KEPT] = dict([*others, (key, words)][-MOST:])
    return key


def words_of(request: HttpRequest, key: str) -> str | None:
    """Return the words of a key; None when they are not kept or no longer."""
    kept: dict[str, str] = request.session.get(KEPT, {})
    return kept.get(key)
