"""A clinic confirms that it has looked at what a copy of the records may have lost."""

from datetime import datetime
from uuid import UUID

from alerts.models import Epoch, EpochCheck
from alerts.models.refusals import AlertError
from patients.models import Staff
from patients.permissions import Permission, may, one_of


def confirm_records(staff: Staff, code: UUID, now: datetime) -> EpochCheck:
    """Written once per clinic, with all epochs before it; a second click finds the first one's row.

    Raises Epoch.DoesNotExist for a code that is none, AlertError for somebody who may not.
    """
    if not may(staff, Permission.CONFIRM_RECORDS):
        raise AlertError(f"{one_of(Permission.CONFIRM_RECORDS).capitalize()} confirms this.")
    epoch = Epoch.objects.exclude(cause=Epoch.Cause.FIRST).get(code=code)
    check, _ = EpochCheck.objects.get_or_create(
        epoch=epoch, clinic=staff.clinic, defaults={"staff": staff, "at": now}
    )
    return check
