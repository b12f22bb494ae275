"""Pages leave small, also where no proxy in front does it: a patient's first page over a slow line."""

import re
import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# First what stays as it is: text that a browser shows or sends with its line breaks. Then the indentation.
KEPT_OR_INDENTED = re.compile(
    rb'(<(textarea|pre|script|style)\b.*?</\2>)|(\bclass=")([^"]*)|(="[^"]*")(?:\s+(?=>))?|\n\s*', re.DOTALL
)
TAKES_BROTLI = re.compile(r"\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
# The best for a page that is made while somebody waits: 1 ms for the log, where one step more takes 9.
QUALITY = 8
PAGE, SCRIPT = "text/html", "text/javascript"
MOST_RANDOM_LETTERS, SMALLEST_BYTES = 100, 200


class CompressedPagesMiddleware(GZipMiddleware):
    """Pages of HTML, and scripts that no file holds: an event stream must not wait for a compressor.

    Each page carries random letters and a masked form token, so that its length tells nothing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Called for each answer; one that is compressed already, or a stream, goes on as it is."""
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding"):
            return response
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind not in (PAGE, SCRIPT):
            return response
        if kind == PAGE:
            put(response, squeezed(response.content))
        if len(response.content) < SMALLEST_BYTES or not TAKES_BROTLI.search(
            request.headers.get("Accept-Encoding", "")
        ):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        end = padding() if kind == PAGE else b""
        put(response, brotli.compress(response.content + end, mode=brotli.MODE_TEXT, quality=QUALITY))
        response.headers["Content-Encoding"] = "br"
        return response


def squeezed(page: bytes) -> bytes:
    """The page without the indentation of its templates, which a browser does not show either."""

    def kept(found: re.Match[bytes]) -> bytes:
        if found[3]:
            return found[3] + b" ".join(found[4].split())
        return found[1] or found[5] or b" "

    return KEPT_OR_INDENTED.sub(kept, page)


def padding(count: int | None = None) -> bytes:
    """A comment after the page, of a length nobody can know; a compressor can not make it small."""
    count = secrets.randbelow(MOST_RANDOM_LETTERS) if count is None else count
    letters = secrets.token_urlsafe(MOST_RANDOM_LETTERS)[:count]
    return b"<!-- " + letters.replace("-", "_").encode() + b" -->"


def put(response: HttpResponse, content: bytes) -> None:
    """Another body, and its length."""
    response.content = content
    response.headers["Content-Length"] = str(len(content))
