"""A helper chooses whose recovery the pages are about."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from patients import scoping
from patients.access import ACTING_FOR, PatientRequest, needs
from patients.permissions import Permission


@require_POST
@needs(Permission.SEE_RECOVERY)
def act_for(request: PatientRequest, code: UUID) -> HttpResponse:
    """Switch this session to the chosen patient; 404 when the helper does not help them."""
    if not scoping.for_user(request.user, timezone.now()).filter(code=code).exists():
        raise Http404
    request.session[ACTING_FOR] = str(code)
    return redirect("recovery:today")
