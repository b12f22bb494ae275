"""Pages leave compressed, also where no proxy in front does it: a patient's first page over a slow line."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPagesMiddleware(GZipMiddleware):
    """Pages of HTML alone: an event stream must not wait for a compressor.

    Each page carries random letters (GZipMiddleware) and a masked form token, so that its length tells nothing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Called for each answer; one that is compressed already, or a stream, goes on as it is."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
