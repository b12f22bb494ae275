"""Sweep the logs without a verdict, whose request died or whose rules failed: judge them or raise an alert."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet

from alerts.failpoints import failpoint
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from recovery.logs.submit import try_to_judge
from recovery.logs.tell import give_to_a_person
from recovery.models import DailyLog

# The request that stores a log also judges it; the sweep is for requests that died.
SWEEP_AFTER = timedelta(seconds=3)
SWEEP_BACK = timedelta(days=3)
# A busy database says nothing about the log. The sweep retries for this long before it raises an alert.
PATIENCE = timedelta(seconds=30)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def sweep_unjudged(now: datetime, *, everything: bool = False, seconds: float = LONG_SECONDS) -> int:
    """Judge the logs whose request died; raise an alert for a log the rules cannot read. Returns how many.

    It looks only at the last three days, so that it costs the same after years of logs; everything=True looks at
    all logs.
    """
    return walk(replace(LOGS, due=_unjudged) if everything else LOGS, now, seconds=seconds)


def _unjudged(now: datetime, since: datetime = EPOCH) -> QuerySet[DailyLog]:
    late = Q(received_at__gte=since, received_at__lt=now - SWEEP_AFTER)
    # The database's clock stepped back after this log was stored: do not wait until its time comes again.
    to_come = Q(received_at__gt=now + SWEEP_AFTER)
    return DailyLog.objects.filter(late | to_come, assessment__isnull=True)


def _judge_late(pk: int, now: datetime) -> bool:
    """Judge one log, or raise an alert when the rules cannot read it. Raises while a retry may still succeed."""
    failpoint("in_sweep_unjudged")
    log = DailyLog.objects.get(pk=pk)
    result = try_to_judge(log, now)
    if isinstance(result, Exception):
        if _may_pass(result, log, now):
            raise result
        give_to_a_person(log, now)
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
    """Return whether to retry: a lock, timeout or lost connection kept a new log from the rules."""
    busy = isinstance(error, OperationalError | InterfaceError)
    return busy and abs(now - log.received_at) < PATIENCE
