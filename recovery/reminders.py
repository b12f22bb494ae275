"""Send the notes that are due. The gate is asked again at the moment of sending; each note goes out once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from alerts.outbox import enqueue
from patients import selectors as people
from patients.models import Patient, Procedure
from recovery import record, standing
from recovery.models import Reminder
from recovery.plan.book import default_book
from recovery.plan.clock import next_allowed, to_wall
from recovery.plan.milestones import evaluate
from recovery.plan.situation import read_situation

BATCH = 200
SEND_WITHIN = timedelta(hours=12)
# A note that is this late (everything was down) has missed its moment; the plan makes the next one.
TOO_LATE = timedelta(hours=20)
# Cards that send a note. 'active' is a limit or a care step that goes on.
TELLS = ("active", "reached", "ask_first")
# Helpers who may be told get these too (CG-03 visits, CG-05 safe movement).
FOR_HELPERS = ("M-FOLLOWUP", "M-WALK-24H")


def send_due(now: datetime) -> int:
    """Handle the notes that are due, each in its own transaction; how many were handled."""
    done = 0
    while done < BATCH and _send_one(now):
        done += 1
    return done


def _send_one(now: datetime) -> bool:
    """Claim the oldest due note: send it, move it out of quiet hours, or drop it with the reason."""
    with transaction.atomic():
        due = Reminder.objects.filter(state=Reminder.State.PENDING, due_at__lte=now).order_by("due_at")
        note = due.select_for_update(skip_locked=True).first()
        if note is None:
            return False
        procedure = record.with_overrides(Procedure.objects.filter(pk=note.procedure_id)).get()
        at = standing.load(procedure, now)
        later = _after_quiet_hours(at, now)
        reason = _why_not(note, at)
        if later > now:
            Reminder.objects.filter(pk=note.pk).update(due_at=later)
        elif reason == "withheld":
            # Not now: the plan makes it again as soon as its gates are clear.
            note.delete()
        elif reason:
            _finish(note, Reminder.State.DROPPED, now, reason=reason)
        else:
            _send(note, at)
    return True


def _after_quiet_hours(at: standing.Standing, now: datetime) -> datetime:
    situation = read_situation(at.record, {"tier": "on_track"}, now, default_book())
    return next_allowed(now, situation.zone, situation.overrides.quiet)


def _why_not(note: Reminder, at: standing.Standing) -> str:
    """Empty when the note may go out; else the reason it does not."""
    if at.procedure.closed_at is not None:
        return "recovery closed"
    if at.now - note.due_at > TOO_LATE:
        return "too late"
    state = standing.state(at, [])
    if state["tier"] == "call_911":
        return "withheld" if note.milestone else "call_911"
    if not note.milestone:
        return "already logged" if _logged_since(note, at) else ""
    status = evaluate(at.record, state, at.now)[note.milestone].status
    if status in TELLS:
        return ""
    return "withheld" if ":" not in note.key else status


def _logged_since(note: Reminder, at: standing.Standing) -> bool:
    """A log on the note's own local day makes 'please log' pointless."""
    situation = read_situation(at.record, {"tier": "on_track"}, at.now, default_book())
    if at.last_log is None:
        return False
    if note.key.startswith("silence:"):
        return at.last_log.happened_at > note.due_at - timedelta(hours=24)
    return to_wall(at.last_log.happened_at, situation.zone).date() == situation.today


def _send(note: Reminder, at: standing.Standing) -> None:
    """Queue the delivery to the patient, and copies to helpers, in the note's own transaction."""
    patient = at.procedure.patient
    delivery = enqueue(
        key=f"note:{note.procedure_id}:{note.key}",
        channel=channel_for(patient),
        recipient=f"patient:{patient.pk}",
        message="patient_reminder",
        context={},
        now=at.now,
        send_by=at.now + SEND_WITHIN,
    )
    if note.milestone in FOR_HELPERS:
        _copy_to_helpers(note, at)
    _finish(note, Reminder.State.SENT, at.now, delivery_id=delivery.pk if delivery else None)


def _copy_to_helpers(note: Reminder, at: standing.Standing) -> None:
    for helper in people.live_helpers(at.procedure.patient_id, at.now):
        if helper.may_be_alerted:
            enqueue(
                key=f"note:{note.procedure_id}:{note.key}:caregiver:{helper.pk}",
                channel="sms" if helper.user.phone and sms_works() else "email",
                recipient=f"caregiver:{helper.pk}",
                message="patient_reminder",
                context={},
                now=at.now,
                send_by=at.now + SEND_WITHIN,
            )


def channel_for(patient: Patient) -> str:
    """The best channel that can work: SMS first where a provider is set up, else e-mail."""
    channels = people.patient_channels(patient)
    if channels[0] == "sms" and not sms_works() and "email" in channels:
        return "email"
    return channels[0]


def sms_works() -> bool:
    """Has this installation a way to send SMS?"""
    return not settings.SMS_BACKEND.endswith("NotSetUp")


def _finish(
    note: Reminder, state: str, now: datetime, *, reason: str = "", delivery_id: int | None = None
) -> None:
    Reminder.objects.filter(pk=note.pk).update(state=state, handled_at=now, reason=reason, delivery_id=delivery_id)
