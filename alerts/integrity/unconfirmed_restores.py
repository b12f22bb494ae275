"""The restores of the records that a clinic has not confirmed yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.integrity import epochs
from alerts.models import Epoch, EpochCheck
from patients.models import Clinic


@dataclass(frozen=True)
class PutBack:
    """The unconfirmed restores of a clinic together.

    code: the newest epoch. at: when it was noticed. since: work after this time may be missing (None: unknown).
    """

    code: UUID
    at: datetime
    since: datetime | None


def unconfirmed(clinic: Clinic) -> PutBack | None:
    """The unconfirmed restores of a clinic; None when all are confirmed.

    While nothing was ever restored it asks only for the newest epoch, which is cached.
    """
    newest = epochs.newest()
    if newest is None or newest.cause == Epoch.Cause.FIRST:
        return None
    rows = waiting_for(clinic)
    if not rows:
        return None
    copies = [row.copied_at for row in rows]
    since = None if None in copies else min(at for at in copies if at)
    return PutBack(rows[-1].code, rows[-1].seen_at, since)


def waiting_for(clinic: Clinic) -> list[Epoch]:
    """The epochs begun by a restore after this clinic was made and after its last confirmation, oldest first."""
    rows = Epoch.objects.exclude(cause=Epoch.Cause.FIRST).filter(seen_at__gt=clinic.created_at)
    last = EpochCheck.objects.filter(clinic=clinic).order_by("-epoch_id").values("epoch_id")[:1]
    return [row for row in rows.annotate(checked=last).order_by("pk") if not row.checked or row.pk > row.checked]
