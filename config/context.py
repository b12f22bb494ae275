"""What every template may know."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Is this a demo, and is the second factor asked for?"""
    return {"DEMO": settings.DEMO, "STAFF_SECOND_FACTOR": settings.STAFF_SECOND_FACTOR}
