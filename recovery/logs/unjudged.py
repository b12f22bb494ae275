"""Logs without a verdict, because their request died or the rules failed: judged late, or given to a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet

from alerts.failpoints import failpoint
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from recovery.logs.submit import try_to_judge
from recovery.logs.tell import give_to_a_person
from recovery.models import DailyLog

# The request that stored a log judges it at once; only one that died leaves it to the sweep.
SWEEP_AFTER = timedelta(seconds=3)
SWEEP_BACK = timedelta(days=3)
# A database that is busy says nothing about a log: it is judged again, and only then given to a person.
PATIENCE = timedelta(seconds=30)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def sweep_unjudged(now: datetime, *, everything: bool = False, seconds: float = LONG_SECONDS) -> int:
    """Judge the logs whose request died in between; one the rules cannot read becomes an alert by itself.

    Looks at the last days only, so that it costs the same after years of logs; once an hour at everything.
    Returns how many it handled.
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
    """A lock, a time limit or a lost connection: the rules never saw the log, and may well find an emergency."""
    busy = isinstance(error, OperationalError | InterfaceError)
    return busy and abs(now - log.received_at) < PATIENCE
