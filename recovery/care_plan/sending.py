"""Send the notes that are due. Gates are checked again when a note is sent, and each note is sent once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from alerts.failpoints import failpoint
from alerts.messaging.outbox import enqueue
from alerts.models import Delivery
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.models import Patient, Procedure
from patients.selectors import people
from patients.selectors.reach import PUSH, Reach, asks_by, named_apart, of_helpers, of_patient
from patients.tiers import CALL_911, ON_TRACK
from recovery.care_plan.taken_back import BACK
from recovery.models import Reminder
from recovery.plan.clock import next_allowed
from recovery.plan.keys import is_current
from recovery.plan.milestones import evaluate
from recovery.plan.situation import read_situation
from recovery.state import current_state, record

MESSAGE = "patient_reminder"
SEND_WITHIN = timedelta(hours=12)
# A note that is later than this (after an outage) is not sent any more; the plan makes the next one.
TOO_LATE = timedelta(hours=20)
# The statuses that send a note. 'active' is a limit or care step that goes on.
TELLS = ("active", "reached", "ask_first")
WITHHELD = "withheld"
# The message about notes taken back waits until an emergency or hospital stay is over; checked again hourly.
LATER, ASK_AGAIN = "later", timedelta(hours=1)
# Helpers who may be told get these notes too (CG-03 visits, CG-05 safe movement).
FOR_HELPERS = ("M-FOLLOWUP", "M-WALK-24H")


def send_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Handle the notes that are due, one recovery at a time; returns for how many recoveries."""
    return walk(NOTES, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.filter(state=Reminder.State.PENDING, due_at__lte=now)


def _send_one(procedure_id: int, now: datetime) -> bool:
    """Handle the due notes of one recovery: send them as one message, move them or drop them. False without any.

    The patient's row is locked, so that no other process sends, plans or judges for them at the same time.
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
    """Move all notes in quiet hours; otherwise check each gate again and send the rest as one 'please open'."""
    later = _after_quiet_hours(at)
    if later > at.now:
        Reminder.objects.filter(pk__in=[note.pk for note in notes]).update(due_at=later)
        return
    reasons = {note.pk: _why_not(note, at) for note in notes}
    for note in notes:
        if reasons[note.pk] == LATER:
            Reminder.objects.filter(pk=note.pk).update(due_at=at.now + ASK_AGAIN)
        elif reasons[note.pk] == WITHHELD:
            # The plan makes this note again when its gates are clear.
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
    """Return why the note may not go out; "" when it may."""
    if at.procedure.closed_at is not None:
        return "recovery closed"
    state = current_state.state(at, [])
    if note.key.startswith(BACK):
        return LATER if at.in_hospital or state["tier"] == CALL_911 else ""
    if at.in_hospital:
        return WITHHELD if _comes_once(note, at) else "in hospital"
    if at.now - note.due_at > TOO_LATE:
        # The plan makes a one-off note again, due now.
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
    """Return whether a step has only this one note, not one of many slots."""
    return note.milestone != "" and (":" not in note.key or at.book.entry(note.milestone).note == "once")


def _logged_since(note: Reminder, at: current_state.Standing) -> bool:
    """Return whether 'please log' is no longer needed: a log came on that local day or since the silence began."""
    if at.last_log is None:
        return False
    zone = ZoneInfo(at.procedure.patient.timezone)
    logged = at.last_log.happened_at.astimezone(zone)
    kind, _, when = note.key.partition(":")
    if kind == "silence":
        # The key holds the local time at which 24 h of silence ended; quiet hours may have moved the note.
        return logged.replace(tzinfo=None) > datetime.fromisoformat(when) - timedelta(hours=24)
    return logged.date() == at.now.astimezone(zone).date()


def _send(notes: list[Reminder], at: current_state.Standing) -> None:
    """Queue one message for all notes, or two where the clinic asks for logs by text or call."""
    way = of_patient(at.procedure.patient)
    asking = asks_by(at.procedure.patient, way)
    asks = [note for note in notes if asking and _asks_for_a_log(note)]
    others = [note for note in notes if note not in asks]
    if asking and asks:
        channel, message = asking
        _finish(asks, Reminder.State.SENT, at.now, delivery=_queue(_key(asks, at), channel, message, at))
    if others:
        _finish(others, Reminder.State.SENT, at.now, delivery=_tell(others, way, at))
    failpoint("in_reminder_send")


def _tell(notes: list[Reminder], way: Reach, at: current_state.Standing) -> Delivery:
    """Queue "please open" to the patient, and to each helper the notes concern; return the patient's first one."""
    patient, key = at.procedure.patient, _key(notes, at)
    sent = [
        _queue(f"{key}{suffix}", channel, MESSAGE, at, to=f"patient:{patient.pk}{device}")
        for channel, device, suffix in named_apart(way.for_notes)
    ]
    if any(note.milestone in FOR_HELPERS or note.key.startswith(BACK) for note in notes):
        for helper, theirs in of_helpers(people.helpers_to_tell(patient.pk, at.now)):
            to = f"caregiver:{helper.pk}"
            for channel, device, suffix in named_apart(theirs.for_notes):
                _queue(f"{key}:{to}{suffix}", channel, MESSAGE, at, to=f"{to}{device}")
    return sent[0]


def _asks_for_a_log(note: Reminder) -> bool:
    return not note.milestone and not note.key.startswith(BACK)


def _key(notes: list[Reminder], at: current_state.Standing) -> str:
    # The row's id makes the key unique: a note that was taken back is sent again under the same note key.
    return f"note:{at.procedure.pk}:{notes[0].key}:{notes[0].pk}"


def _queue(key: str, channel: str, message: str, at: current_state.Standing, *, to: str = "") -> Delivery:
    patient = at.procedure.patient
    return enqueue(
        key=key,
        channel=channel,
        recipient=to or f"patient:{patient.pk}",
        message=message,
        context={"ttl": int(SEND_WITHIN.total_seconds())} if channel == PUSH else {},
        clinic_id=patient.clinic_id,
        now=at.now,
        send_by=at.now + SEND_WITHIN,
    )


def _finish(
    notes: list[Reminder], state: str, now: datetime, *, reason: str = "", delivery: Delivery | None = None
) -> None:
    Reminder.objects.filter(pk__in=[note.pk for note in notes]).update(
        state=state, handled_at=now, reason=reason, delivery=delivery
    )
