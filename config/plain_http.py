"""Sent in the clear, where browsers reach us by TLS: a person who opens a page is led on, a program is refused.

A program that is redirected sends everything in the clear first, each time, and nobody ever notices.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.security import SecurityMiddleware

# Not opened by hand; the same list stands in Caddyfile.
FOR_PROGRAMS = ("/api/", "/hooks/", "/events/", "/metrics")
USE_HTTPS = "Use https. What was sent here went in the clear, and was not taken."


class OnlyPagesLeadOnMiddleware(SecurityMiddleware):
    """Django's own, which leads everything from HTTP to HTTPS, but for programs."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        """403 for a program, a redirect for a page; None when all is well."""
        answer: HttpResponse | None = super().process_request(request)
        if answer is None or not request.path.startswith(FOR_PROGRAMS):
            return answer
        problem = {"title": USE_HTTPS, "status": 403, "errors": []}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
