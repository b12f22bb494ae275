"""What a clinic has not confirmed yet after its records were restored from a backup."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.integrity import epochs
from alerts.models import Epoch, EpochCheck
from patients.models import Clinic


@dataclass(frozen=True)
class PutBack:
    """code: the newest epoch. at: when it was noticed. since: what came later may be missing (None: unknown)."""

    code: UUID
    at: datetime
    since: datetime | None


def unconfirmed(clinic: Clinic) -> PutBack | None:
    """None when all is confirmed. Costs nothing while the records were never put back."""
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
    """The epochs that began from a copy after this clinic was made and after its last confirmation, in order."""
    rows = Epoch.objects.exclude(cause=Epoch.Cause.FIRST).filter(seen_at__gt=clinic.created_at)
    last = EpochCheck.objects.filter(clinic=clinic).order_by("-epoch_id").values("epoch_id")[:1]
    return [row for row in rows.annotate(checked=last).order_by("pk") if not row.checked or row.pk > row.checked]
