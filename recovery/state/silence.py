"""Silence is a sign (RW-24, RL-04): when a patient stops logging, a nurse gets a watch item."""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from alerts import lifecycle as alert_services
from alerts.lifecycle import selectors as alert_selectors
from alerts.messaging.outbox import enqueue
from alerts.messaging.receipts import NO_ANSWER
from alerts.models import Alert, AlertSign, Delivery
from patients.models import HospitalStay, Patient, Procedure
from patients.selectors import people
from patients.selectors.reach import CALL, named_apart, of_helpers
from patients.status import lock
from patients.tiers import ON_TRACK, WATCH
from recovery.models import Assessment, DailyLog, Reminder
from recovery.models.log import HAPPENED_AT
from recovery.plan.book import book_for
from recovery.plan.reminders import silent_from
from recovery.settings.clinic_config import config_for
from recovery.settings.outside_bounds import tell_lead
from recovery.state import record
from recovery.state.current_state import Standing
from recovery.state.judgement import sign_inputs, stored
from recovery.triage.evaluate import judge
from recovery.triage.rulebook import silence_sign
from recovery.triage.verdict import Verdict

# A note to helpers that is older than this is not sent.
SEND_WITHIN = timedelta(hours=12)
# How many automatic calls in a row without an answer are silence.
UNANSWERED = 2


def due_at(at: Standing) -> datetime:
    """Return when silence becomes a sign, counted from the last log, the procedure or the return from hospital."""
    heard_at = max(at.heard_at, getattr(at.procedure, "back_at", None) or at.heard_at)
    usual = silent_from(heard_at, at.hours, at.book)
    return min(usual, _calls_unanswered(at.procedure, heard_at) or usual)


def _calls_unanswered(procedure: Procedure, heard_at: datetime) -> datetime | None:
    """Return when the second automatic call in a row went unanswered; None when fewer did. No call: no statement.

    Whoever answered a call is heard from at that moment, so each finished call since then had no answer.
    """
    if procedure.patient.short_logs != Patient.ShortLogs.CALL:
        return None
    ended = Q(delivery__state=Delivery.State.DELIVERED) | Q(delivery__error=NO_ANSWER)
    calls = Reminder.objects.filter(ended, procedure=procedure, delivery__channel=CALL, handled_at__gt=heard_at)
    times = list(calls.order_by("handled_at").values_list("handled_at", flat=True)[:UNANSWERED])
    return times[-1] if len(times) == UNANSWERED else None


def note(at: Standing) -> bool:
    """Judge silence once per episode: raise a watch alert, store the assessment, note helpers. True when new."""
    if at.in_hospital or at.now < due_at(at) or silence_sign() in at.open_signs or _just_closed(at):
        return False
    earlier = record.as_history(at.procedure, at.logs)
    verdict = judge(at.record, at.hours, None, earlier, config=record.stored_config(at.procedure, at.now))
    signs = sign_inputs(verdict)
    if not any(sign.key == silence_sign() for sign in signs):
        signs.append(alert_services.SignInput(silence_sign(), WATCH, False, {}))
    alert = alert_services.raise_alert(
        patient=at.procedure.patient,
        tier=WATCH,
        priority=verdict.nurse_priority or "P4",
        signs=signs,
        now=at.now,
    )
    _store(at, verdict, alert)
    _tell_helpers(at)
    return True


def _just_closed(at: Standing) -> bool:
    """Return whether staff closed this silence so recently that it must not be raised again yet.

    It is raised again after the same length of silence. Until then the worklist still shows the patient as silent
    (recovery.wording.patient_status).
    """
    closed = AlertSign.objects.filter(
        patient=at.procedure.patient,
        sign=silence_sign(),
        alert__resolved_by__isnull=False,
        resolved_at__gte=due_at(at),
    )
    last = closed.aggregate(at=Max("resolved_at"))["at"]
    return last is not None and at.now < silent_from(last, at.hours, at.book)


def take_back(at: Standing) -> bool:
    """Close a silence sign that is no longer due, for example after its date was corrected. True when closed."""
    early = _calls_unanswered(at.procedure, at.heard_at) is not None
    if silence_sign() not in at.open_signs or early or at.now >= silent_from(at.heard_at, at.hours, at.book):
        return False
    present = frozenset(at.open_signs) - {silence_sign()}
    alert_services.clear_watch_signs(patient=at.procedure.patient, present=present, now=at.now)
    return True


def note_plainly(procedure: Procedure, now: datetime) -> bool:
    """Raise silence for a patient whose record cannot be read, from dates and open signs alone. True when new."""
    lock(procedure.patient_id)
    book = book_for(config_for(procedure.patient.clinic_id, now))
    last = DailyLog.objects.filter(procedure=procedure).order_by(HAPPENED_AT.desc()).first()
    stays = HospitalStay.objects.filter(patient=procedure.patient_id)
    heard = (last.happened_at if last else None, procedure.ended_at, stays.aggregate(at=Max("ended_at"))["at"])
    due = silent_from(max(at for at in heard if at), record.hours_at(procedure, now), book)
    signs = alert_selectors.alert_objects(procedure.patient_id, procedure.ended_at, now)
    is_known = any(sign["sign"] == silence_sign() and sign["status"] == "open" for sign in signs)
    if is_known or now < due or stays.filter(ended_at__isnull=True).exists():
        return False
    sign = alert_services.SignInput(silence_sign(), WATCH, False, {})
    alert_services.raise_alert(patient=procedure.patient, tier=WATCH, priority="P4", signs=[sign], now=now)
    return True


def _store(at: Standing, verdict: Verdict, alert: Alert) -> None:
    """Store the assessment of silence, which has no log. Its tier is at least watch."""
    patient, tier = at.procedure.patient, verdict.tier if verdict.tier != ON_TRACK else WATCH
    Assessment.objects.create(**stored(verdict), patient=patient, at=at.now, tier=tier, alert=alert)
    tell_lead(patient.clinic_id, verdict.problems, at.now)


def _tell_helpers(at: Standing) -> None:
    """Send helpers who may be told a plain note that asks them to open the pages."""
    patient = at.procedure.patient
    told = people.helpers_to_tell(patient.pk, at.now)
    ways = [(helper, *way) for helper, reach in of_helpers(told) for way in named_apart(reach.for_notes)]
    for helper, channel, device, suffix in ways:
        enqueue(
            key=f"silence:{patient.pk}:{due_at(at):%Y%m%d%H}:caregiver:{helper.pk}{suffix}",
            channel=channel,
            recipient=f"caregiver:{helper.pk}{device}",
            message="patient_reminder",
            clinic_id=patient.clinic_id,
            now=at.now,
            send_by=at.now + SEND_WITHIN,
        )
