"""How far long work is, for any page that shows it; and its cancel button."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from patients.access import StaffRequest, needs
from patients.models import Job
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.services.jobs import cancel

SHOWN = 20


@require_safe
@needs(Permission.SEE_WORKLIST)
def jobs(request: StaffRequest) -> HttpResponse:
    """List the clinic's long work, the newest first."""
    found = rows_of(Job, clinic=request.staff.clinic_id).select_related("asked_by__user").order_by("-pk")
    page = {"jobs": found[:SHOWN], "zone": request.staff.clinic.timezone}
    return render(request, "patients/jobs.html", page)


@require_safe
@needs(Permission.SEE_WORKLIST)
def job(request: StaffRequest, code: UUID) -> HttpResponse:
    """Return the part of a page that says how far the work is (static/js/job.js fetches it)."""
    return render(request, "components/job.html", {"job": _job_or_404(request, code)})


@require_POST
@needs(Permission.SEE_WORKLIST)
def cancel_job(request: StaffRequest, code: UUID) -> HttpResponse:
    """Cancel long work, and go back to the page it was seen on."""
    if cancel(job=_job_or_404(request, code), now=timezone.now()):
        messages.success(request, "Cancelled. What was done before stays.")
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else "recovery:worklist")


def _job_or_404(request: StaffRequest, code: UUID) -> Job:
    found = rows_of(Job, clinic=request.staff.clinic_id).filter(code=code).select_related("asked_by__user").first()
    if found is None:
        raise Http404
    return found
