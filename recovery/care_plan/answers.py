"""What a patient answers to a reminder to log: later today, or that it is done already. Neither is a log.

Silence counts on all the same, so no answer here hides a patient from the clinic.
"""

from datetime import datetime, timedelta

from django.db import transaction

from patients.audit import changed
from patients.models import Patient, Procedure, User
from patients.status import lock
from patients.tiers import ON_TRACK
from patients.values.wall_clock import on_day, to_wall
from recovery.models import Reminder
from recovery.plan.clock import next_allowed
from recovery.plan.situation import Situation, read_situation
from recovery.state import current_state, record

# The keys of the notes that a patient asked for begin so; the plan leaves these rows alone.
LATER = "later:"
# How many hours later a patient may be reminded.
HOURS = (1, 2, 4)
DONE = "already did it"


def later(*, patient: Patient, actor: User, hours: int, now: datetime) -> datetime | None:
    """Remind the patient once more, so many hours from now; return when by their clocks, None when not today.

    A second wish replaces the first. The reminders of the plan that come before it wait for it.
    """
    with transaction.atomic():
        s, procedure = _situation(patient, now)
        if s is None or procedure is None or hours not in HOURS:
            return None
        due = now + timedelta(hours=hours)
        if to_wall(due, s.zone).date() != s.today or next_allowed(due, s.zone, s.overrides.quiet) != due:
            return None
        waiting = Reminder.objects.filter(procedure=procedure, state=Reminder.State.PENDING)
        waiting.filter(key__startswith=LATER).delete()
        waiting.filter(key__startswith="log:", due_at__lte=due).update(
            state=Reminder.State.DROPPED, handled_at=now, reason="reminded later"
        )
        Reminder.objects.create(procedure=procedure, key=f"{LATER}{now:%Y-%m-%dT%H:%M:%S.%f}", due_at=due)
        changed(patient, actor, "asked to be reminded later", "", now)
    return to_wall(due, s.zone)


def already_did(*, patient: Patient, actor: User, now: datetime) -> bool:
    """Drop the reminders to log of the rest of the patient's day; return False when no recovery is open."""
    with transaction.atomic():
        s, procedure = _situation(patient, now)
        if s is None or procedure is None:
            return False
        midnight = on_day(s.today + timedelta(days=1), datetime.min.time(), s.zone)
        rows = Reminder.objects.filter(procedure=procedure, state=Reminder.State.PENDING, due_at__lt=midnight)
        asks = [row.pk for row in rows if row.key.startswith(("log:", LATER))]
        rows.filter(pk__in=asks).update(state=Reminder.State.DROPPED, handled_at=now, reason=DONE)
        changed(patient, actor, "said the reminder is done", "", now)
    return True


def pending_later(procedure: Procedure) -> datetime | None:
    """Return when the patient is reminded as they asked; None when they asked for nothing."""
    rows = Reminder.objects.filter(procedure=procedure, state=Reminder.State.PENDING, key__startswith=LATER)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()


def _situation(patient: Patient, now: datetime) -> tuple[Situation | None, Procedure | None]:
    """Return the patient's clocks and open recovery, with the patient's row locked until the transaction ends."""
    lock(patient.pk)
    procedure = record.with_overrides(Procedure.objects.filter(patient=patient, closed_at__isnull=True)).first()
    if procedure is None:
        return None, None
    at = current_state.load(procedure, now)
    return read_situation(at.record, {"tier": ON_TRACK}, now, at.book), procedure
