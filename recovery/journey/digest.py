"""The digest: each morning the nurses are told how many watch items wait and how many patients have unread notes.

Each clinic has one row for its next morning, due at a local time of the clinic.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef, QuerySet

from alerts.clock import db_now
from alerts.messaging import outbox
from alerts.models import Alert, Delivery, Digest
from alerts.oncall.roster import rosters
from alerts.oncall.staffing import gap_warnings
from alerts.policy.plan import Step
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import Clinic
from patients.values.wall_clock import on_day
from recovery.models import DailyLog
from recovery.selectors.notes import unread

SEND_WITHIN = timedelta(hours=8)


def morning_at(clinic: Clinic, day: date) -> datetime:
    """Return the moment of the digest on a local day.

    A local time that a clock change skips moves on by the gap; of a repeated one the first counts.
    """
    return on_day(day, clinic.morning, ZoneInfo(clinic.timezone))


def send_due(now: datetime | None = None, seconds: float = LONG_SECONDS) -> int:
    """Handle the digests that are due and write the next one of each clinic; returns how many were handled.

    Two runs at once are harmless: rows are locked, and a clinic has one row per day and one pending row.
    """
    now = now or db_now()
    done = walk(MORNINGS, now, seconds=seconds)
    walk(NEXT_MORNINGS, now, seconds=seconds)
    return done


def _due(now: datetime) -> QuerySet[Digest]:
    return Digest.objects.filter(state=Digest.State.PENDING, due_at__lte=now)


def _handle_one(pk: int, now: datetime) -> bool:
    rows = _due(now).filter(pk=pk).select_related("clinic")
    row = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return False
    _handle(row, now)
    return True


def _handle(row: Digest, now: datetime) -> None:
    """Send the digest, unless nothing waits or its day is over."""
    row.handled_at = now
    if now.astimezone(ZoneInfo(row.clinic.timezone)).date() != row.local_date:
        row.state = Digest.State.MISSED
    else:
        row.items, row.notes = waiting(row.clinic_id), unread_patients(row.clinic_id, now)
        row.state = Digest.State.SENT if row.items or row.notes else Digest.State.NOTHING
    row.save(update_fields=["state", "items", "notes", "handled_at"])
    if row.state == Digest.State.SENT:
        outbox.enqueue_many(_messages(row, now))
    if row.state != Digest.State.MISSED:
        # Managers are warned of gaps in the week's roster at the same time.
        outbox.enqueue_many(gap_warnings(row.clinic_id, row.local_date, now))


def waiting(clinic_id: int) -> int:
    """Return how many watch alerts, including silence, are neither acknowledged nor snoozed."""
    return Alert.objects.filter(clinic_id=clinic_id, tier=Alert.Tier.WATCH, state=Alert.State.OPEN).count()


def unread_patients(clinic_id: int, now: datetime) -> int:
    """Return how many patients have an unread note."""
    rows = unread(DailyLog.objects.filter(patient__clinic_id=clinic_id), now)
    return rows.order_by().values("patient_id").distinct().count()


def _messages(row: Digest, now: datetime) -> list[Delivery]:
    """Return one e-mail to each nurse on call, or to all nurses when none is on call."""
    people = rosters([row.clinic_id], now)[row.clinic_id].audience(Step(0, "nurse_on_call"))
    return [
        Delivery(
            key=f"digest:{row.clinic_id}:{row.local_date}:staff:{person.pk}:email",
            channel="email",
            recipient=f"staff:{person.pk}",
            message="staff_digest",
            context={"items": row.items, "notes": row.notes},
            clinic_id=row.clinic_id,
            created_at=now,
            due_at=now,
            send_by=now + SEND_WITHIN,
        )
        for person in people
    ]


def _without_next(now: datetime) -> QuerySet[Clinic]:
    """Return the clinics without a pending digest."""
    coming = Digest.objects.filter(clinic=OuterRef("pk"), state=Digest.State.PENDING)
    return Clinic.objects.filter(~Exists(coming))


def _write_next(pk: int, now: datetime) -> bool:
    clinic = Clinic.objects.annotate(last=Max("digests__local_date")).get(pk=pk)
    day = _next_day(clinic, clinic.last, now)
    row = Digest(clinic=clinic, local_date=day, due_at=morning_at(clinic, day))
    Digest.objects.bulk_create([row], ignore_conflicts=True)
    return True


MORNINGS = Sweep(
    "mornings", "The morning message", due=_due, handle=_handle_one, order=("due_at", "pk"), can_wait=True
)
NEXT_MORNINGS = Sweep(
    "next-mornings", "The morning message", due=_without_next, handle=_write_next, order=("pk",), clinic="pk"
)


def _next_day(clinic: Clinic, last: date | None, now: datetime) -> date:
    """Return the day of the next digest: the first morning ahead, or today if an outage skipped today's row."""
    today = now.astimezone(ZoneInfo(clinic.timezone)).date()
    slept = last is not None and last < today
    return today if slept or morning_at(clinic, today) > now else today + timedelta(days=1)
