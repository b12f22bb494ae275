"""Send the notes that are due. The gate is asked again at the moment of sending; each note goes out once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from alerts.failpoints import failpoint
from alerts.messaging.outbox import enqueue
from alerts.models import Delivery
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import Patient, Procedure
from patients.selectors import people
from patients.selectors.reach import of_helpers, of_patient
from patients.tiers import CALL_911, ON_TRACK
from recovery.care_plan.taken_back import BACK
from recovery.models import Reminder
from recovery.plan.clock import next_allowed
from recovery.plan.keys import is_current
from recovery.plan.milestones import evaluate
from recovery.plan.situation import read_situation
from recovery.state import current_state, record

SEND_WITHIN = timedelta(hours=12)
# A note that is this late (everything was down) has missed its moment; the plan makes the next one.
TOO_LATE = timedelta(hours=20)
# Cards that send a note. 'active' is a limit or a care step that goes on.
TELLS = ("active", "reached", "ask_first")
# Helpers who may be told get these too (CG-03 visits, CG-05 safe movement).
WITHHELD = "withheld"
# What is taken back waits for the end of an emergency, or of a stay in the hospital.
LATER, ASK_AGAIN = "later", timedelta(hours=1)
FOR_HELPERS = ("M-FOLLOWUP", "M-WALK-24H")


def send_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Handle the notes that are due, one person's at a time; for how many people something was done."""
    return walk(NOTES, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.filter(state=Reminder.State.PENDING, due_at__lte=now)


def _send_one(procedure_id: int, now: datetime) -> bool:
    """Claim one person's due notes: send them as one message, move them, or drop them; False when there are none.

    The patient's row is held, so that nobody else sends, plans or judges for them at the same moment.
    """
    people_held = Patient.all_clinics.filter(procedures=procedure_id).select_for_update(
        skip_locked=True, no_key=True, of=("self",)
    )
    if not list(people_held.values_list("pk", flat=True)):
        return False
    notes = list(_due(now).filter(procedure_id=procedure_id).order_by("due_at", "id"))
    if not notes:
        return False
    procedure = record.with_overrides(Procedure.objects.filter(pk=procedure_id)).get()
    _handle(notes, current_state.load(procedure, now))
    return True


NOTES = Sweep(
    name="notes",
    words="The notes of the plan",
    due=_due,
    handle=_send_one,
    order=("due_at", "pk"),
    key="procedure_id",
    clinic="procedure__patient__clinic_id",
    patient="procedure__patient_id",
    can_wait=True,
)


def _handle(notes: list[Reminder], at: current_state.Standing) -> None:
    """Quiet hours move all; each gate is asked again; what is left goes out as one 'please open'."""
    later = _after_quiet_hours(at)
    if later > at.now:
        Reminder.objects.filter(pk__in=[note.pk for note in notes]).update(due_at=later)
        return
    reasons = {note.pk: _why_not(note, at) for note in notes}
    for note in notes:
        if reasons[note.pk] == LATER:
            Reminder.objects.filter(pk=note.pk).update(due_at=at.now + ASK_AGAIN)
        elif reasons[note.pk] == WITHHELD:
            # Not now: the plan makes it again as soon as its gates are clear.
            Reminder.objects.filter(pk=note.pk).delete()
        elif reasons[note.pk]:
            _finish([note], Reminder.State.DROPPED, at.now, reason=reasons[note.pk])
    ready = [note for note in notes if not reasons.get(note.pk, WITHHELD)]
    if ready:
        _send(ready, at)


def _after_quiet_hours(at: current_state.Standing) -> datetime:
    situation = read_situation(at.record, {"tier": ON_TRACK}, at.now, at.book)
    return next_allowed(at.now, situation.zone, situation.overrides.quiet)


def _why_not(note: Reminder, at: current_state.Standing) -> str:
    """Empty when the note may go out; else the reason it does not."""
    if at.procedure.closed_at is not None:
        return "recovery closed"
    state = current_state.state(at, [])
    if note.key.startswith(BACK):
        return LATER if at.in_hospital or state["tier"] == CALL_911 else ""
    if at.in_hospital:
        return WITHHELD if _comes_once(note, at) else "in hospital"
    if at.now - note.due_at > TOO_LATE:
        # What comes once is made again by the plan, for now.
        return WITHHELD if _comes_once(note, at) else "too late"
    if state["tier"] == CALL_911:
        return WITHHELD if note.milestone else CALL_911
    if not note.milestone:
        return "already logged" if _logged_since(note, at) else ""
    if not is_current(note.key, at.book.entry(note.milestone), read_situation(at.record, state, at.now, at.book)):
        return WITHHELD
    status = evaluate(at.record, state, at.now, at.book)[note.milestone].status
    if status in TELLS:
        return ""
    return WITHHELD if _comes_once(note, at) else status


def _comes_once(note: Reminder, at: current_state.Standing) -> bool:
    """One note for a step, not one of many slots."""
    return note.milestone != "" and (":" not in note.key or at.book.entry(note.milestone).note == "once")


def _logged_since(note: Reminder, at: current_state.Standing) -> bool:
    """A log on the note's own local day, or since the silence began, makes 'please log' pointless."""
    if at.last_log is None:
        return False
    zone = ZoneInfo(at.procedure.patient.timezone)
    logged = at.last_log.happened_at.astimezone(zone)
    kind, _, when = note.key.partition(":")
    if kind == "silence":
        # The key holds the wall time at which 24 h of silence were over; quiet hours may have moved the note.
        return logged.replace(tzinfo=None) > datetime.fromisoformat(when) - timedelta(hours=24)
    return logged.date() == at.now.astimezone(zone).date()


def _send(notes: list[Reminder], at: current_state.Standing) -> None:
    """Queue one message to the patient, and one to each helper it concerns, in the notes' own transaction."""
    patient = at.procedure.patient
    # By the row: a note that was taken back goes out again under the same key.
    key = f"note:{at.procedure.pk}:{notes[0].key}:{notes[0].pk}"
    delivery = _queue(key, of_patient(patient).best, f"patient:{patient.pk}", at)
    failpoint("in_reminder_send")
    if any(note.milestone in FOR_HELPERS or note.key.startswith(BACK) for note in notes):
        told = people.helpers_to_tell(patient.pk, at.now)
        for helper, way in of_helpers(told):
            _queue(f"{key}:caregiver:{helper.pk}", way.best, f"caregiver:{helper.pk}", at)
    _finish(notes, Reminder.State.SENT, at.now, delivery=delivery)


def _queue(key: str, channel: str, recipient: str, at: current_state.Standing) -> Delivery:
    return enqueue(
        key=key,
        channel=channel,
        recipient=recipient,
        message="patient_reminder",
        clinic_id=at.procedure.patient.clinic_id,
        now=at.now,
        send_by=at.now + SEND_WITHIN,
    )


def _finish(
    notes: list[Reminder], state: str, now: datetime, *, reason: str = "", delivery: Delivery | None = None
) -> None:
    Reminder.objects.filter(pk__in=[note.pk for note in notes]).update(
        state=state, handled_at=now, reason=reason, delivery=delivery
    )
