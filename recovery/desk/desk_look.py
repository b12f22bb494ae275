"""How the desk's pages look for one person, in the same cookie as on the phone."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from patients import look
from patients.access import StaffRequest, needs
from patients.onward import back_or
from patients.permissions import Permission


@require_POST
@needs(Permission.SEE_WORKLIST)
def desk_look(request: StaffRequest) -> HttpResponse:
    """Keep the colors for this browser, and go back to where the person was."""
    answer = back_or(request, reverse("recovery:worklist"))
    look.keep(answer, look.THEME, request.POST.get("theme", ""))
    return answer
