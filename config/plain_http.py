"""Sent in the clear, where browsers reach us by TLS: a person who opens a page is led on, a program is refused.

A program that is redirected sends everything in the clear first, each time, and nobody ever notices.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.deprecation import MiddlewareMixin

# Not opened by hand; the same list stands in Caddyfile.
FOR_PROGRAMS = ("/api/", "/hooks/", "/events/", "/metrics")
USE_HTTPS = "Use https. What was sent here went in the clear, and was not taken."


class ProgramsUseHttpsMiddleware(MiddlewareMixin):
    """Stands before Django's SecurityMiddleware, which leads everything else from HTTP to HTTPS."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """403 for a program that came in the clear where TLS is spoken; None when all is well."""
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or not request.path.startswith(FOR_PROGRAMS):
            return None
        problem = {"title": USE_HTTPS, "status": 403, "errors": []}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
