"""What the provider of calls does next, as its XML: say sentences, then wait for one key or hang up."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpResponse

# How long the provider waits for a key after the last word.
WAIT_SECONDS = 10


def ask(sentences: Iterable[str], address: str, voice: str) -> HttpResponse:
    """Say the sentences and wait for one key; the provider then posts the key, or none, to the address."""
    attributes = f'input="dtmf" numDigits="1" timeout="{WAIT_SECONDS}" actionOnEmptyResult="true" method="POST"'
    return _xml(f"<Gather {attributes} action={quoteattr(address)}>{_said(sentences, voice)}</Gather>")


def end(sentences: Iterable[str], voice: str) -> HttpResponse:
    """Say the sentences, and hang up."""
    return _xml(f"{_said(sentences, voice)}<Hangup/>")


def _said(sentences: Iterable[str], voice: str) -> str:
    return "".join(f"<Say language={quoteattr(voice)}>{escape(words)}</Say>" for words in sentences)


def _xml(body: str) -> HttpResponse:
    xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'
    return HttpResponse(xml, content_type="text/xml; charset=utf-8")
