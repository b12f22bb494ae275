"""Where a page begins: what was done is said there, and a browser would stay at the form that was sent."""

from urllib.parse import urlencode

from django.urls import reverse


def top_of(name: str, **query: str) -> str:
    """The address of a page, at its first words."""
    return reverse(name) + (f"?{urlencode(query)}" if query else "") + "#main"
