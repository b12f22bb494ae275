"""What a static file says of itself, opened as a page of its own: it may run and load nothing."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Serves our static files; no later middleware sees them."""

    def add_cache_headers(self, headers: Any, path: str, url: str) -> None:
        """Called for each file once, when its answer is made ready."""
        super().add_cache_headers(headers, path, url)
        headers["Content-Security-Policy"] = POLICY
