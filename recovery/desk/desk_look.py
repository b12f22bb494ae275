"""How the desk's pages look for one person, in the same cookie as on the phone."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from patients import look
from patients.access import StaffRequest, needs
from patients.permissions import Permission


@require_POST
@needs(Permission.SEE_WORKLIST)
def desk_look(request: StaffRequest) -> HttpResponse:
    """Keep the colors for this browser, and go back to where the person was."""
    onward = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(onward, allowed_hosts=None)
    answer = redirect(onward if ours else "recovery:worklist")
    look.keep(answer, look.THEME, request.POST.get("theme", ""))
    return answer
