"""Step 2, check: may a log wait because calm ones are too many, and is one that cannot be taken whole urgent?

A script that sends without end, or a phone gone wrong, must not bury a chart or slow the others: a phone keeps
what was not taken and sends it later. What is urgent is never refused, and never lost because of a spelling error
beside it: it is stored as far as it goes, and the whole log, once sent, supersedes that part.
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
    """This calm log has to wait at its sender."""


def refuse_one_too_many(log: DailyLog) -> None:
    """Raise TooMany when this log may wait and must. One that is known already is not one more.

    The log's procedure comes from read.procedure_to_log_for.
    """
    lately: int = log.procedure.lately  # type: ignore[attr-defined]
    if lately < MOST or log.phone_tier in URGENT or is_urgent(log):
        return
    if not DailyLog.objects.filter(patient_id=log.patient_id, client_id=log.client_id).exists():
        raise TooMany


def is_urgent(log: DailyLog) -> bool:
    """Is what came urgent by itself, without history? The log's procedure comes from record.with_overrides."""
    return _tier(log) in URGENT


def most_urgent(readings: Sequence[DailyLog]) -> DailyLog:
    """Of several readings of one log that which asks for help soonest; the first of those that ask alike."""
    if len(readings) == 1:
        return readings[0]
    return max(readings, key=lambda log: RANK[_tier(log)])


def urgent_part(log: DailyLog, supersedes: DailyLog | None = None) -> DailyLog | None:
    """The log as a part of the whole that is still to come, under an id of its own; None unless it is urgent."""
    if not is_urgent(log):
        return None
    log.client_id = part_id(log.client_id, log)
    log.partial = True
    # The same part sent again does not replace itself.
    log.supersedes = supersedes if supersedes and supersedes.client_id != log.client_id else None
    return log


def part_id(client_id: uuid.UUID, log: DailyLog) -> uuid.UUID:
    """The part's own id: the same answers of the same log make the same row."""
    said = [log.told, log.left_over.get("unread", {})]
    return uuid.uuid5(PARTIAL, f"{client_id}{json.dumps(said, sort_keys=True)}")


def _tier(log: DailyLog) -> str:
    procedure, now = log.procedure, log.received_at
    hours, config = record.hours_at(procedure, now), record.config(procedure, now)
    return judge(record.patient_record(procedure, []), hours, log.heard, [], config=config).tier
