"""The records: after they were put back from a copy every clinic looks, and nobody changes them unnoticed."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Subquery

from alerts.models import Epoch, EpochCheck, ProcessBeat, Seal
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


# The name of the beat that sealing leaves (recovery.trails).
SEALING = "seals"
SEALED_WITHIN = timedelta(hours=2)


def changed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Seals whose rows are not what was sealed."""
    broken = Seal.objects.filter(broken_at__isnull=False).order_by("broken_at")
    return [Offender("seal", f"{row.trail} {row.number}", row.broken_at) for row in broken[: MOST + 1]]


def not_sealed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The sealing itself, when it has not been done for two hours. None on the first day of an installation."""
    late = ProcessBeat.objects.filter(name=SEALING, beat_at__lt=now - SEALED_WITHIN)
    return [Offender("process", row.name, row.beat_at) for row in late]


RECORDS = (
    Promise(
        "records-are-confirmed",
        "After the records were put back from a copy, every clinic looks at what may be missing.",
        "the records were put back from a copy, and clinics have not confirmed theirs: {count}",
        unconfirmed,
        warning=True,
    ),
    Promise(
        "records-are-untouched",
        "What was written down stays as it was: who looked, what became of alerts, what patients said and heard.",
        "sealed records were changed, removed or slipped in: {count} seals are broken",
        changed,
        warning=True,
        of_clinics=False,
    ),
    Promise(
        "records-are-sealed",
        "What is written down is sealed, so that a change shows.",
        "records have not been sealed for two hours",
        not_sealed,
        warning=True,
        of_clinics=False,
    ),
)
