"""A printed hand-out for a patient before the procedure: a checklist and questions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patients.access import needs
from patients.permissions import Permission
from patients.selectors.languages import printed_in
from recovery.phone.learn import before_words


@require_safe
@needs(Permission.SEE_WORKLIST)
def before(request: HttpRequest) -> HttpResponse:
    """Show the hand-out. It names no patient, because the clinic gives it out before enrolment."""
    page = {**before_words(), "helped": "", **printed_in(request.GET.get("language", ""))}
    return render(request, "recovery/desk/before.html", page)
