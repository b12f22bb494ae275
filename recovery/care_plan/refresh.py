"""Refresh the plan of a recovery: store the status of each milestone and the notes that will be due."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import Patient, Procedure
from patients.tiers import ON_TRACK
from recovery.care_plan.answers import LATER
from recovery.care_plan.asked_now import NOW as ASKED
from recovery.care_plan.taken_back import BACK, still_sent
from recovery.models import Milestone, Reminder
from recovery.plan.keys import dated_key
from recovery.plan.milestones import MilestoneStatus, evaluate, next_start
from recovery.plan.reminders import Note, upcoming_log_reminders, upcoming_notes
from recovery.plan.situation import read_situation
from recovery.settings.clinic_config import next_change
from recovery.state import current_state, record, silence

# Each plan is refreshed after every log and answer, and at least this often; notes are rows long before that.
LOOK_AGAIN = timedelta(hours=6)
# The shortest time between two refreshes while silence stays due.
LOOK_SOONEST = timedelta(minutes=5)
HORIZON_HOURS = 48


def statuses(at: current_state.Standing, sent: list[str] | None = None) -> dict[str, MilestoneStatus]:
    """Return the status of every milestone now, by id; nothing is stored."""
    return evaluate(at.record, current_state.state(at, sent or []), at.now, at.book)


def refresh_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Refresh the plans that are due, each in its own transaction; returns how many."""
    return walk(PLANS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[Patient]:
    return Patient.all_clinics.filter(plan_due_at__lte=now)


def _refresh_one(patient_id: int, now: datetime) -> bool:
    """Lock one plan and refresh it; False when another process has it or it is no longer due."""
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
    """Check silence by itself when the plan cannot be computed, so that the patient's silence is not missed."""
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
    can_wait=True,
)


def refresh(procedure: Procedure, now: datetime) -> datetime:
    """Store statuses and coming notes, and check silence; returns when to refresh next.

    The patient's row must be locked.
    """
    at = current_state.load(procedure, now)
    if silence.note(at) or silence.take_back(at):
        at = current_state.load(procedure, now)
    state = current_state.state(at, still_sent(at))
    found = evaluate(at.record, state, now, at.book)
    _store_statuses(at, found)
    notes = upcoming_notes(at.record, state, now, HORIZON_HOURS, at.book)
    heard = {**state, "last_log_at": at.last_log.happened_at if at.last_log else None}
    hours = at.procedure.patient.log_hours
    notes += upcoming_log_reminders(at.record, heard, now, HORIZON_HOURS, at.book, hours=hours)
    # A patient in the hospital gets no notes; they are planned again when the patient comes home.
    _store_notes(procedure, [] if at.in_hospital else notes)
    return _look_again_at(at)


def _look_again_at(at: current_state.Standing) -> datetime:
    """Return when the plan next changes by itself (a step, a setting, silence), at most six hours from now."""
    now, later = at.now, at.now + LOOK_AGAIN
    # A clinic setting that begins sooner changes the plan at that moment.
    changes_at = next_change(getattr(at.procedure, "clinic_settings", None), now) or later
    step_at = next_start(at.record, now, at.book) or later
    return min(later, changes_at, step_at, max(silence.due_at(at), now + LOOK_SOONEST))


def _store_statuses(at: current_state.Standing, found: dict[str, MilestoneStatus]) -> None:
    """Store one row per milestone, in one statement."""
    held = _held_back(at, found)
    rows = [
        Milestone(
            procedure=at.procedure,
            key=key,
            held_back=held if key == record.MEDICINE else [],
            held_back_set_at=at.procedure.thinner_restart_set_at if key == record.MEDICINE else None,
            status=status.status,
            held_by=list(status.reasons),
            due_at=status.due_utc,
            updated_at=at.now,
        )
        for key, status in found.items()
    ]
    Milestone.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["procedure", "key"],
        update_fields=["status", "held_by", "due_at", "held_back", "held_back_set_at", "updated_at"],
    )


def _held_back(at: current_state.Standing, found: dict[str, MilestoneStatus]) -> list[str]:
    """Return the key of the blood thinner's day once it was withheld, until a clinician sets another day."""
    medicine = at.book.entry(record.MEDICINE)
    key = dated_key(medicine, read_situation(at.record, {"tier": ON_TRACK}, at.now, at.book))
    is_held = found[record.MEDICINE].status == "withheld" or key in at.held_back
    return [key] if is_held and key != medicine.id else []


def _store_notes(procedure: Procedure, notes: list[Note]) -> None:
    """Make the pending rows equal to these notes; handled notes stay unchanged."""
    keys = [note.key for note in notes]
    pending = Reminder.objects.filter(procedure=procedure, state=Reminder.State.PENDING)
    kept = Q(key__in=keys)
    for begin in (BACK, LATER, ASKED):
        kept |= Q(key__startswith=begin)
    pending.exclude(kept).delete()
    rows = Reminder.objects.filter(procedure=procedure, key__in=keys).exclude(state=Reminder.State.TAKEN_BACK)
    known = dict(rows.values_list("key", "due_at"))
    fresh = [note for note in notes if note.key not in known]
    Reminder.objects.bulk_create([_row(procedure, note) for note in fresh], ignore_conflicts=True)
    for note in notes:
        if known.get(note.key, note.due_utc) != note.due_utc:
            pending.filter(key=note.key).update(due_at=note.due_utc)


def _row(procedure: Procedure, note: Note) -> Reminder:
    milestone = "" if note.milestone_id == "log" else note.milestone_id
    return Reminder(procedure=procedure, key=note.key, milestone=milestone, due_at=note.due_utc)


def look_soon(patient: Patient, now: datetime) -> None:
    """Make the patient's plan due for the next sweep, after a log, an answer or a changed setting."""
    Patient.all_clinics.filter(Q(pk=patient.pk), Q(plan_due_at__isnull=False)).update(plan_due_at=now)
