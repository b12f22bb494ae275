"""What staff looked for: kept with their session under a short random key, so that no name stands in an address.

Addresses are written down in many places: histories, logs of proxies, bookmarks. A key says nothing there, opens
nothing for anybody else, and goes with the session.
"""

import secrets

from django.http import HttpRequest

KEPT = "searches"
MOST = 20
KEY_BYTES = 9


def keep(request: HttpRequest, words: str) -> str:
    """The key to ask for these words with: the same one while the same words are kept; the oldest make room."""
    kept: dict[str, str] = request.session.get(KEPT, {})
    known = next((key for key, found in kept.items() if found == words), "")
    key = known or secrets.token_urlsafe(KEY_BYTES)
    others = [(other, found) for other, found in kept.items() if other != key]
    request.session[KEPT] = dict([*others, (key, words)][-MOST:])
    return key


def words_of(request: HttpRequest, key: str) -> str | None:
    """What was looked for; None when it is not kept, or no longer."""
    kept: dict[str, str] = request.session.get(KEPT, {})
    return kept.get(key)
