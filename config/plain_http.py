"""Refuses programs that use plain HTTP where TLS is expected; browsers are redirected instead.

A redirected program would send everything unencrypted first, every time, and its owner would not notice.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.deprecation import MiddlewareMixin

# Addresses that only programs use; Caddyfile has the same list.
FOR_PROGRAMS = ("/api/", "/hooks/", "/events/", "/metrics")
USE_HTTPS = "Use https. What was sent here went in the clear, and was not taken."


class ProgramsUseHttpsMiddleware(MiddlewareMixin):
    """Runs before Django's SecurityMiddleware, which redirects all other requests from HTTP to HTTPS."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Return 403 for a program that used plain HTTP where TLS is required; else None."""
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or not request.path.startswith(FOR_PROGRAMS):
            return None
        problem = {"title": USE_HTTPS, "status": 403, "errors": []}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
