"""Step 2, check: the rate limit for calm logs, and the urgent part of a log that cannot be read whole.

A script or a broken phone that keeps sending must not flood a chart or slow down other patients. Calm logs above
the limit are refused; the phone keeps them and sends them later. Urgent logs are never refused. If another field
of an urgent log cannot be read, the readable part is stored at once and the corrected log supersedes it.
"""

import json
import uuid
from collections.abc import Sequence

from patients.tiers import RANK, URGENT
from recovery.models import DailyLog
from recovery.state import record
from recovery.triage.evaluate import judge

MOST = 120
WORDS = (
    f"Your clinic has {MOST} logs from the last hour, so this one was not sent. Your answers are still here."
    " Please send it again in a while. If you feel worse, do not wait: call your clinic."
)
PARTIAL = uuid.UUID("6f0f3c7e-6c3f-4d58-9a57-3f8e5c1b7a10")


class TooMany(Exception):
    """The rate limit refuses this calm log; the sender keeps it and tries again later."""


def refuse_one_too_many(log: DailyLog) -> None:
    """Raise TooMany when the patient has MOST logs in the last hour and this one is new and not urgent.

    The log's procedure must come from read.procedure_to_log_for.
    """
    lately: int = log.procedure.lately  # type: ignore[attr-defined]
    if lately < MOST or log.phone_tier in URGENT or is_urgent(log):
        return
    if not DailyLog.objects.filter(patient_id=log.patient_id, client_id=log.client_id).exists():
        raise TooMany


def is_urgent(log: DailyLog) -> bool:
    """Return whether this log alone, without history, is urgent.

    The log's procedure must come from record.with_overrides.
    """
    return _tier(log) in URGENT


def most_urgent(readings: Sequence[DailyLog]) -> DailyLog:
    """Return the reading of one log with the most urgent tier; the first one when tiers are equal."""
    if len(readings) == 1:
        return readings[0]
    return max(readings, key=lambda log: RANK[_tier(log)])


def urgent_part(log: DailyLog, supersedes: DailyLog | None = None) -> DailyLog | None:
    """Turn the log into a partial log with its own id; return None when it is not urgent.

    The patient still has to correct and send the whole log.
    """
    if not is_urgent(log):
        return None
    log.client_id = part_id(log.client_id, log)
    log.partial = True
    # If the same part is sent again, it must not supersede itself.
    log.supersedes = supersedes if supersedes and supersedes.client_id != log.client_id else None
    return log


def part_id(client_id: uuid.UUID, log: DailyLog) -> uuid.UUID:
    """Return the id of a partial log: the same answers of the same log always get the same id."""
    said = [log.told, log.left_over.get("unread", {})]
    return uuid.uuid5(PARTIAL, f"{client_id}{json.dumps(said, sort_keys=True)}")


def _tier(log: DailyLog) -> str:
    procedure, now = log.procedure, log.received_at
    hours, config = record.hours_at(procedure, now), record.config(procedure, now)
    return judge(record.patient_record(procedure, []), hours, log.heard, [], config=config).tier
