"""A clinic confirms that it has checked what a restore of the records may have lost."""

from datetime import datetime
from uuid import UUID

from alerts.models import Epoch, EpochCheck
from alerts.models.refusals import AlertError
from patients.models import Staff
from patients.permissions import Permission, may, one_of


def confirm_records(staff: Staff, code: UUID, now: datetime) -> EpochCheck:
    """Confirm an epoch and all earlier ones for a clinic. A second click returns the row of the first.

    Raises Epoch.DoesNotExist for an unknown code, AlertError for staff without the permission.
    """
    if not may(staff, Permission.CONFIRM_RECORDS):
        raise AlertError(f"{one_of(Permission.CONFIRM_RECORDS).capitalize()} confirms this.")
    epoch = Epoch.objects.exclude(cause=Epoch.Cause.FIRST).get(code=code)
    check, _ = EpochCheck.objects.get_or_create(
        epoch=epoch, clinic=staff.clinic, defaults={"staff": staff, "at": now}
    )
    return check
