"""Values that every template gets."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return whether this is a demo, and whether staff need a second factor."""
    return {"DEMO": settings.DEMO, "STAFF_SECOND_FACTOR": settings.STAFF_SECOND_FACTOR}
