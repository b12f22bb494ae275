"""Messages from the care team: read in the app by the patient and the helpers who may; notices never say why.

A message is stored and its notices are queued in one transaction. A notice says only "your care team wrote" and
waits for the end of the quiet hours. What a patient answers is a log (recovery.phone.care_messages).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from alerts.lifecycle.locking import NO_ACCESS, hold
from alerts.messaging.outbox import enqueue
from patients.models import Caregiver, Consent, Patient, Procedure, Staff, User
from patients.permissions import Permission, may
from patients.selectors import people
from patients.selectors.reach import PUSH, Reach, named_apart, of_helpers, of_patient
from patients.services.errors import NotPossible
from patients.status import lock
from patients.tiers import ON_TRACK
from recovery.models import CareMessage, CareMessageRead
from recovery.plan.book import book_for
from recovery.plan.clock import next_allowed
from recovery.plan.situation import read_situation
from recovery.state import record

NOTICE = "care_message"
SEND_WITHIN = timedelta(hours=12)
CLOSED = (
    "No recovery of this patient is watched now, so nothing was sent. What you typed is still here. Call the"
    " patient, or open a recovery in the record first."
)
WAITS_IN_THE_APP = (
    "Nothing tells the patient that you wrote: {why}. They read it only when they open the app: call."
)


def write(*, staff: Staff, patient: Patient, text: str, language: str, once: str, now: datetime) -> CareMessage:
    """Store one message and queue its notices; the same form sent again returns the first message.

    once: the id of the form. The patient must come from patients.scoping. NotPossible when the staff's access has
    ended or no recovery is open.
    """
    with transaction.atomic():
        if staff.pk not in hold(staff):
            raise NotPossible(NO_ACCESS)
        lock(patient.pk)
        known = CareMessage.objects.filter(patient=patient, sent_by=staff, once=once).first()
        if known:
            return known
        open_ones = Procedure.objects.filter(patient=patient, closed_at__isnull=True)
        procedure = record.with_overrides(open_ones).first()
        if procedure is None:
            raise NotPossible(CLOSED)
        message = CareMessage.objects.create(
            patient=patient, sent_by=staff, sent_at=now, text=text, language=language, once=once
        )
        _queue_notices(message, procedure, now)
    return message


def why_no_notice(patient: Patient) -> str:
    """Return why no notice can reach the patient, in words for staff; "" when one can."""
    if patient.user_id is None:
        return "the patient has no sign-in yet"
    if not people.agreed(patient.pk, Consent.Purpose.MESSAGES):
        return "the patient has not agreed to messages, or took it back"
    # Every record has a phone or an e-mail (a constraint of the database).
    return "" if _works(of_patient(patient)) else "no text reaches the phone in the record, and it has no e-mail"


def helpers_told(patient: Patient, now: datetime) -> list[Caregiver]:
    """Return the helpers who may read the messages and whom a notice can reach."""
    return [helper for helper, _ in _helpers(patient, now)]


def mark_read(messages: Iterable[CareMessage], *, user: User, now: datetime) -> None:
    """Record that this person opened these messages; the first time counts."""
    known = {one.pk: one.patient_id for one in messages}
    read = CareMessageRead.objects.filter(user=user, message__in=known).values_list("message", flat=True)
    new = sorted(known.keys() - set(read))
    rows = [CareMessageRead(message_id=pk, patient_id=known[pk], user=user, at=now) for pk in new]
    CareMessageRead.objects.bulk_create(rows, ignore_conflicts=True)


def _queue_notices(message: CareMessage, procedure: Procedure, now: datetime) -> None:
    patient, due_at = message.patient, _after_quiet_hours(procedure, now)
    for recipient, way in _recipients(patient, now):
        for channel, device, suffix in named_apart(way.for_notes):
            enqueue(
                key=f"{NOTICE}:{message.pk}:{recipient}{suffix}",
                channel=channel,
                recipient=f"{recipient}{device}",
                message=NOTICE,
                context={"ttl": int(SEND_WITHIN.total_seconds())} if channel == PUSH else {},
                clinic_id=patient.clinic_id,
                now=now,
                due_at=due_at,
                send_by=due_at + SEND_WITHIN,
            )


def _recipients(patient: Patient, now: datetime) -> Iterator[tuple[str, Reach]]:
    if not why_no_notice(patient):
        yield f"patient:{patient.pk}", of_patient(patient)
    for helper, way in _helpers(patient, now):
        yield f"caregiver:{helper.pk}", way


def _helpers(patient: Patient, now: datetime) -> list[tuple[Caregiver, Reach]]:
    if not people.agreed(patient.pk, Consent.Purpose.HELPERS):
        return []
    readers = [one for one in people.helpers_to_tell(patient.pk, now) if may(one, Permission.READ_MESSAGES)]
    return [(helper, way) for helper, way in of_helpers(readers) if _works(way)]


def _works(way: Reach) -> bool:
    return bool(way.works or way.devices)


def _after_quiet_hours(procedure: Procedure, now: datetime) -> datetime:
    """Return the first moment from now on outside the patient's quiet hours."""
    book = book_for(record.config(procedure, now))
    situation = read_situation(record.patient_record(procedure, []), {"tier": ON_TRACK}, now, book)
    return next_allowed(now, situation.zone, situation.overrides.quiet)
