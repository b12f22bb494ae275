"""Redirect to the top of a page, where the message is; a browser would otherwise stay at the sent form."""

from urllib.parse import urlencode

from django.urls import reverse


def top_of(name: str, **query: str) -> str:
    """The address of a page with the anchor of its main part."""
    return reverse(name) + (f"?{urlencode(query)}" if query else "") + "#main"
