"""The plan of one recovery as rows: where each milestone stands, and the notes that will be due."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from alerts.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import Patient, Procedure
from recovery import record, silence, standing
from recovery.clinic_config import next_change
from recovery.models import Milestone, Reminder
from recovery.plan.milestones import MilestoneStatus, evaluate
from recovery.plan.reminders import Note, upcoming_log_reminders, upcoming_notes

# Each plan is looked at after every log and answer, and at least this often; notes are rows well before.
LOOK_AGAIN = timedelta(hours=6)
HORIZON_HOURS = 48


def statuses(at: standing.Standing, sent: list[str] | None = None) -> dict[str, MilestoneStatus]:
    """Every milestone's status now, by id (pure; nothing is stored)."""
    return evaluate(at.record, standing.state(at, sent or []), at.now, at.book)


def refresh_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Look at the plans that are due, each in its own transaction; how many were looked at."""
    return walk(PLANS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[Patient]:
    return Patient.all_clinics.filter(plan_due_at__lte=now)


def _refresh_one(patient_id: int, now: datetime) -> bool:
    """Claim one plan and refresh it; False when somebody else has it, or it is not due any more."""
    rows = _due(now).filter(pk=patient_id)
    patient = rows.select_for_update(skip_locked=True, no_key=True).first()
    if patient is None:
        return False
    procedures = record.with_overrides(Procedure.objects.filter(patient=patient, closed_at__isnull=True))
    procedure = procedures.first()
    patient.plan_due_at = refresh(procedure, now) if procedure else None
    patient.save(update_fields=["plan_due_at"])
    return True


def _note_silence(patient_id: int, now: datetime) -> None:
    """A plan that cannot be worked out must not hide that somebody fell silent."""
    procedure = Procedure.objects.filter(patient_id=patient_id, closed_at__isnull=True).first()
    if procedure is not None:
        silence.note_plainly(procedure, now)


PLANS = Sweep(
    name="plans",
    words="The plan and its notes",
    due=_due,
    handle=_refresh_one,
    instead=_note_silence,
    order=("plan_due_at", "pk"),
    patient="pk",
    renewed="plan_due_at",
)


def refresh(procedure: Procedure, now: datetime) -> datetime:
    """Store statuses and coming notes, note silence; returns when to look again. The patient's row is locked."""
    at = standing.load(procedure, now)
    if silence.note(at):
        at = standing.load(procedure, now)
    sent = list(
        Reminder.objects.filter(procedure=procedure)
        .exclude(state=Reminder.State.PENDING)
        .values_list("key", flat=True)
    )
    state = standing.state(at, sent)
    _store_statuses(procedure, evaluate(at.record, state, now, at.book), now)
    notes = upcoming_notes(at.record, state, now, HORIZON_HOURS, at.book)
    notes += upcoming_log_reminders(at.record, state, now, HORIZON_HOURS, at.book)
    _store_notes(procedure, notes)
    # A setting of the clinic that begins sooner changes the plan at that moment.
    changes_at = next_change(getattr(procedure, "clinic_settings", None), now) or now + LOOK_AGAIN
    return min(now + LOOK_AGAIN, changes_at, max(silence.due_at(at), now + timedelta(minutes=5)))


def _store_statuses(procedure: Procedure, found: dict[str, MilestoneStatus], now: datetime) -> None:
    """One row per milestone, in one statement."""
    rows = [
        Milestone(
            procedure=procedure,
            key=key,
            status=status.status,
            held_by=list(status.reasons),
            due_at=status.due_utc,
            updated_at=now,
        )
        for key, status in found.items()
    ]
    Milestone.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["procedure", "key"],
        update_fields=["status", "held_by", "due_at", "updated_at"],
    )


def _store_notes(procedure: Procedure, notes: list[Note]) -> None:
    """The pending rows become exactly these notes; what was handled stays as it is."""
    keys = [note.key for note in notes]
    pending = Reminder.objects.filter(procedure=procedure, state=Reminder.State.PENDING)
    pending.exclude(key__in=keys).delete()
    known = dict(Reminder.objects.filter(procedure=procedure, key__in=keys).values_list("key", "due_at"))
    fresh = [note for note in notes if note.key not in known]
    Reminder.objects.bulk_create([_row(procedure, note) for note in fresh], ignore_conflicts=True)
    for note in notes:
        if known.get(note.key, note.due_utc) != note.due_utc:
            pending.filter(key=note.key).update(due_at=note.due_utc)


def _row(procedure: Procedure, note: Note) -> Reminder:
    milestone = "" if note.milestone_id == "log" else note.milestone_id
    return Reminder(procedure=procedure, key=note.key, milestone=milestone, due_at=note.due_utc)


def look_soon(patient: Patient, now: datetime) -> None:
    """Have this patient's plan looked at by the next sweep: somebody answered, logged, or changed a setting."""
    Patient.all_clinics.filter(Q(pk=patient.pk), Q(plan_due_at__isnull=False)).update(plan_due_at=now)
