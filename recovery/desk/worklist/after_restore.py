"""The line above the list after the records were restored from a backup, until somebody there confirms it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from alerts.clock import db_now
from alerts.integrity import unconfirmed_restores
from alerts.integrity.restore_confirmation import confirm_records as confirm
from alerts.models import Epoch
from patients.access import StaffRequest, needs
from patients.models import Staff
from patients.permissions import Permission, may
from recovery.desk.desk_words import clock_words


@dataclass(frozen=True)
class Banner:
    """at, since: in words, by the clinic's clocks; since is empty when nobody knows."""

    code: UUID
    at: str
    since: str
    may_confirm: bool


def banner(staff: Staff, now: datetime) -> Banner | None:
    """None when there is nothing to confirm."""
    found = unconfirmed_restores.unconfirmed(staff.clinic)
    if found is None:
        return None
    zone = ZoneInfo(staff.clinic.timezone)
    since = clock_words(found.since, now, zone) if found.since else ""
    return Banner(found.code, clock_words(found.at, now, zone), since, may(staff, Permission.CONFIRM_RECORDS))


@require_POST
@needs(Permission.CONFIRM_RECORDS)
def confirm_records(request: StaffRequest, code: UUID) -> HttpResponse:
    """Written down with name and time. The second person is told who was first."""
    now = db_now()
    try:
        check = confirm(request.staff, code, now)
    except Epoch.DoesNotExist:
        raise Http404 from None
    at = clock_words(check.at, now, ZoneInfo(request.staff.clinic.timezone))
    if check.staff_id == request.staff.pk:
        messages.success(request, f"Written down: you looked at what is missing, {at}.")
    else:
        messages.info(request, f"{check.staff.name} has confirmed this already, {at}.")
    return redirect("recovery:worklist")
