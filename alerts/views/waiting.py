"""The mark of what waits, alone. Every page of the desk fetches it when something changed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.screens.waiting import waiting_of
from patients.access import StaffRequest, needs
from patients.permissions import Permission


@require_safe
@needs(Permission.SEE_WORKLIST)
def waiting(request: StaffRequest) -> HttpResponse:
    """Show only the mark, which names no patient."""
    response = render(request, "components/waiting.html", {"waiting": waiting_of(request.staff.clinic_id)})
    response["X-Rows"] = "1"
    return response
