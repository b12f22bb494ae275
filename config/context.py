"""Values that every template gets."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from patients import look
from patients.access import helped


def site(request: HttpRequest) -> dict[str, object]:
    """Return whether this is a demo, whether staff need a second factor, and how the pages look and speak.

    helped: the patient's first name on the pages of a helper, whose sentences speak of the patient; else "".
    """
    return {
        "helped": helped(request),
        "LANGUAGE_CODE": get_language(),
        "DEMO": settings.DEMO,
        "STAFF_SECOND_FACTOR": settings.STAFF_SECOND_FACTOR,
        "THEME": look.chosen(request, look.THEME),
        "TEXT_SIZE": look.chosen(request, look.TEXT_SIZE),
    }
