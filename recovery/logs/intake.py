"""The one way in for a log: commit the patient's words, then judge them (DESIGN, one log from thumb to nurse)."""

import hashlib
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from alerts import lifecycle as alert_services
from alerts.failpoints import failpoint
from alerts.lifecycle import selectors as alert_selectors
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.bounds import nearest
from patients.models import Patient, Procedure, User
from recovery.logs import helper_notes
from recovery.logs.verdicts import TIER_WORDS, record_verdict, set_status, worse
from recovery.models import Assessment, DailyLog
from recovery.models.log import HOW_IT_CAME
from recovery.state import record
from recovery.triage.evaluate import judge as evaluate
from recovery.triage.tiers import TIERS
from recovery.triage.verdict import Verdict
from recovery.wording import left_over

log_lines = logging.getLogger(__name__)

# A phone's clock may run a little ahead; a log may come late from a phone that was offline for weeks.
FUTURE_ALLOWED = timedelta(minutes=10)
PAST_ALLOWED = timedelta(days=30)
# The request that stored a log judges it at once; only one that died leaves it to the sweep.
SWEEP_AFTER = timedelta(seconds=3)
SWEEP_BACK = timedelta(days=3)
# A database that is busy says nothing about a log: it is judged again, and only then given to a person.
PATIENCE = timedelta(seconds=30)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Submission:
    """What became of one sent log. assessment is None when judging failed: the sweep will do it."""

    log: DailyLog
    assessment: Assessment | None
    created: bool


def submit_log(
    *,
    patient: Patient,
    procedure: Procedure,
    entered_by: User,
    answers: Mapping[str, Any],
    client_id: uuid.UUID,
    answered_at: datetime,
    now: datetime,
    unread: Mapping[str, Any] | None = None,
    partial: bool = False,
    phone_tier: str = "",
    phone_rulebook: str = "",
    phone_facts: str = "",
    phone_fired: Sequence[str] | None = None,
    supersedes: DailyLog | None = None,
    shared_phone: bool = False,
) -> Submission:
    """Commit a log whose shape has been checked, then judge it. The same UUID again finds the same row.

    1. Store the words; from here nothing that fails can lose them.
    2. Judge: alert, assessment and outbox rows in one transaction. A failure is logged by id and swept later.
    """
    kept, beside = left_over.parted(answers, unread or {})
    row = DailyLog(
        patient=patient,
        procedure=procedure,
        entered_by=entered_by,
        answers=kept,
        left_over=beside,
        client_id=client_id,
        # A clock that is centuries off says nothing, and could not be stored or read: as near as we can.
        answered_at=nearest(answered_at),
        received_at=now,
        partial=partial,
        clock_suspect=not (now - PAST_ALLOWED <= answered_at <= now + FUTURE_ALLOWED),
        phone_tier=phone_tier if phone_tier in TIERS else "",
        phone_rulebook=phone_rulebook[:64],
        phone_facts=phone_facts[:80],
        phone_fired=None if phone_fired is None else list(phone_fired),
        supersedes=supersedes,
        shared_phone=shared_phone,
    )
    log, created = _store(row)
    failpoint("after_log_commit")
    # A log sent again has most likely been judged; if not, its first request died and this one does it.
    assessment = (None if created else _judged(log)) or judge_safely(log, now)
    failpoint("after_judge_commit")
    return Submission(log, assessment, created)


def _store(row: DailyLog) -> tuple[DailyLog, bool]:
    """Insert the row; the same UUID with other words is kept beside the first, superseding it."""
    try:
        # One statement, committed by itself before anything looks at it; inside a caller's block, a savepoint.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            row.save(force_insert=True)
        return row, True
    except IntegrityError:
        first = DailyLog.objects.get(patient_id=row.patient_id, client_id=row.client_id)
    if _said(first) == _said(row):
        return first, False
    words = json.dumps(_said(row), sort_keys=True, default=str)
    row.pk, row.code = None, uuid.uuid4()
    row.client_id = uuid.uuid5(row.client_id, hashlib.sha256(words.encode()).hexdigest())
    row.supersedes = row.supersedes or first
    return _store(row)


def _said(log: DailyLog) -> list[Any]:
    """What was said, without how it came: the same log sent again by another way is the same log."""
    answers = {name: value for name, value in log.answers.items() if name not in HOW_IT_CAME}
    return [answers, log.partial, *([log.left_over] if log.left_over else [])]


def judge_safely(log: DailyLog, now: datetime) -> Assessment | None:
    """Judge a committed log; None when the database or the rules failed. The error report carries ids only."""
    result = _try_to_judge(log, now)
    return result if isinstance(result, Assessment) else None


def _try_to_judge(log: DailyLog, now: datetime) -> Assessment | Exception:
    try:
        return judge(log, now)
    except Exception as error:  # the words are safe, and the sweep tries again
        # Somebody else may have judged it at the same moment: the constraint lets one of them through.
        found = _judged(log) if isinstance(error, IntegrityError) else None
        if found is None:
            log_lines.error("log %s not judged: %s", log.pk, type(error).__name__)
        return found or error


def _judged(log: DailyLog) -> Assessment | None:
    return Assessment.objects.filter(log=log).first()


def judge(log: DailyLog, now: datetime) -> Assessment:
    """Judge a log once: the worse of ours and the phone's verdict, its alert and assessment in one transaction."""
    with transaction.atomic():
        procedure = _lock(log.procedure_id)
        known = alert_selectors.alert_objects(procedure.patient_id, procedure.ended_at, now)
        others = [row for row in record.history(procedure) if row.pk not in (log.pk, log.supersedes_id)]
        verdict = _verdict(log, procedure, others, known, now)
        # One that came late is heard, but it is not how the patient is now.
        newest = not any(row.happened_at > log.happened_at for row in others)
        return record_verdict(log, procedure.patient, verdict, known, now, newest=newest)


def _lock(procedure_id: int) -> Procedure:
    """The procedure with its patient's row locked: logs of one patient are judged one after the other."""
    rows = record.with_overrides(Procedure.objects.all())
    return rows.select_for_update(of=("patient",)).get(pk=procedure_id)


def _verdict(
    log: DailyLog, procedure: Procedure, others: list[DailyLog], known: list[dict[str, Any]], now: datetime
) -> Verdict:
    return evaluate(
        record.patient_record(procedure, known),
        record.hours_at(procedure, log.happened_at),
        log.heard,
        record.as_history(procedure, others),
        config=record.stored_config(procedure, now),
    )


def sweep_unjudged(now: datetime, *, everything: bool = False, seconds: float = LONG_SECONDS) -> int:
    """Judge the logs whose request died in between; one the rules cannot read becomes an alert by itself.

    Looks at the last days only, so that it costs the same after years of logs; once an hour at everything.
    """
    return walk(replace(LOGS, due=_unjudged) if everything else LOGS, now, seconds=seconds)


def _unjudged(now: datetime, since: datetime = EPOCH) -> QuerySet[DailyLog]:
    late = Q(received_at__gte=since, received_at__lt=now - SWEEP_AFTER)
    # Stored before the database's clock stepped back: no need to wait until its time comes again.
    to_come = Q(received_at__gt=now + SWEEP_AFTER)
    return DailyLog.objects.filter(late | to_come, assessment__isnull=True)


def _judge_late(pk: int, now: datetime) -> bool:
    """Judge one; when the rules cannot read it, a person has it. Raises when that failed too."""
    failpoint("in_sweep_unjudged")
    log = DailyLog.objects.get(pk=pk)
    result = _try_to_judge(log, now)
    if isinstance(result, Exception):
        if _may_pass(result, log, now):
            raise result
        _give_to_a_person(log, now)
    return True


LOGS = Sweep(
    name="logs",
    words="A log, which nobody has judged: read it on the chart",
    due=lambda now: _unjudged(now, now - SWEEP_BACK),
    handle=_judge_late,
    order=("received_at", "pk"),
    clinic="patient__clinic_id",
    patient="patient_id",
    again_seconds=(3, 60),
)


def _may_pass(error: Exception, log: DailyLog, now: datetime) -> bool:
    """A lock, a time limit or a lost connection: the rules never saw the log, and may well find an emergency."""
    busy = isinstance(error, OperationalError | InterfaceError)
    return busy and abs(now - log.received_at) < PATIENCE


def _give_to_a_person(log: DailyLog, now: datetime) -> None:
    """The rules failed twice: never quieter than call_doctor_now, with the reason 'unreadable'."""
    tier = worse("call_doctor_now", log.phone_tier)
    with transaction.atomic():
        patient = Patient.all_clinics.select_for_update().get(pk=log.patient_id)
        sign = alert_services.SignInput(UNREADABLE, tier, False, {})
        alert = alert_services.raise_alert(patient=patient, tier=tier, priority="P1", signs=[sign], now=now)
        assessment = Assessment.objects.create(
            log=log,
            patient=patient,
            at=now,
            tier=tier,
            messages=[{"rule": "", "text": TIER_WORDS[tier], "sources": []}],
            nurse_priority="P1",
            rulebook=UNREADABLE,
            unreadable=True,
            alert=alert,
        )
        _tell_helpers(log, assessment, now)
        set_status(patient, log, tier, rest=False, now=now)


def _tell_helpers(log: DailyLog, assessment: Assessment, now: datetime) -> None:
    """What failed before may have been this: the alert comes first."""
    try:
        with transaction.atomic():
            helper_notes.tell_helpers(log, assessment, now)
    except Exception as error:
        log_lines.error("helpers not told of log %s: %s", log.pk, type(error).__name__)
