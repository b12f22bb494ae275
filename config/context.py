"""Values that every template gets."""

from django.conf import settings
from django.http import HttpRequest

from patients import look


def site(request: HttpRequest) -> dict[str, object]:
    """Return whether this is a demo, whether staff need a second factor, and how the pages look."""
    return {
        "DEMO": settings.DEMO,
        "STAFF_SECOND_FACTOR": settings.STAFF_SECOND_FACTOR,
        "THEME": look.chosen(request, look.THEME),
        "TEXT_SIZE": look.chosen(request, look.TEXT_SIZE),
    }
