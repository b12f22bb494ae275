"""The line above the worklist after a restore from a backup, until staff confirm it."""

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
    """The line's times in words, in the clinic's zone; since is "" when unknown."""

    code: UUID
    at: str
    since: str
    may_confirm: bool


def banner(staff: Staff, now: datetime) -> Banner | None:
    """Return the line; None when there is no restore to confirm."""
    found = unconfirmed_restores.unconfirmed(staff.clinic)
    if found is None:
        return None
    zone = ZoneInfo(staff.clinic.timezone)
    since = clock_words(found.since, now, zone) if found.since else ""
    return Banner(found.code, clock_words(found.at, now, zone), since, may(staff, Permission.CONFIRM_RECORDS))


@require_POST
@needs(Permission.CONFIRM_RECORDS)
def confirm_records(request: StaffRequest, code: UUID) -> HttpResponse:
    """Record who confirmed the restore and when; a second person is told who was first."""
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
