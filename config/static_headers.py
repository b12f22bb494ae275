"""The security policy of a static file that is opened as a page: it may run and load nothing."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Serves our static files, before later middleware would see them."""

    def add_cache_headers(self, headers: Any, path: str, url: str) -> None:
        """Add the policy; WhiteNoise calls this once for each file."""
        super().add_cache_headers(headers, path, url)
        headers["Content-Security-Policy"] = POLICY
