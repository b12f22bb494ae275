"""After the records were put back from a copy, every clinic looks at what may be missing."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Subquery

from alerts.models import Epoch, EpochCheck
from alerts.promises.base import MOST, Offender, Promise
from patients.models import Clinic


def unconfirmed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Clinics, older than the newest epoch that began from a copy, of which nobody has confirmed it."""
    newest = Epoch.objects.exclude(cause=Epoch.Cause.FIRST).order_by("-pk")[:1]
    rows = Clinic.objects.filter(is_canary=False).annotate(
        epoch=Subquery(newest.values("pk")), put_back_at=Subquery(newest.values("seen_at"))
    )
    done = EpochCheck.objects.filter(clinic=OuterRef("pk"), epoch_id__gte=OuterRef("epoch"))
    rows = rows.filter(put_back_at__gt=F("created_at")).exclude(Exists(done))
    if clinic_id is not None:
        rows = rows.filter(pk=clinic_id)
    found = rows.order_by("pk").values_list("pk", "code", "put_back_at")[: MOST + 1]
    return [Offender("records of clinic", str(code), at, pk) for pk, code, at in found]


RECORDS = (
    Promise(
        "records-are-confirmed",
        "After the records were put back from a copy, every clinic looks at what may be missing.",
        "the records were put back from a copy, and clinics have not confirmed theirs: {count}",
        unconfirmed,
        warning=True,
    ),
)
