"""A log that has to come back, because something cannot be read, is stored as far as it goes when that is urgent.

Whoever gives up at a spelling error must not be lost. The whole log, once sent, supersedes the part.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from patients.models import Procedure
from recovery.state import record
from recovery.triage.evaluate import judge
from recovery.triage.tiers import RANK
from recovery.wording import left_over

PARTIAL = uuid.UUID("6f0f3c7e-6c3f-4d58-9a57-3f8e5c1b7a10")
URGENT = ("call_911", "call_doctor_now")


def urgent_already(
    procedure: Procedure, answers: Mapping[str, Any], unread: Mapping[str, Any], now: datetime
) -> bool:
    """Is what came urgent by itself? unread: what is no answer. The procedure comes from record.with_overrides."""
    return _tier(procedure, answers, unread, now) in URGENT


def _tier(procedure: Procedure, answers: Mapping[str, Any], unread: Mapping[str, Any], now: datetime) -> str:
    hours, config = record.hours_at(procedure, now), record.config(procedure, now)
    heard = left_over.heard(*left_over.parted(answers, unread))
    return judge(record.patient_record(procedure, []), hours, heard, [], config=config).tier


def most_urgent(
    procedure: Procedure, readings: Sequence[Mapping[str, Any]], unread: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """Of several readings of one log that which asks for help soonest; the first of those that ask alike."""
    if len(readings) == 1:
        return readings[0]
    return max(readings, key=lambda answers: RANK[_tier(procedure, answers, unread, now)])


def part_id(client_id: uuid.UUID, answers: Mapping[str, Any], unread: Mapping[str, Any]) -> uuid.UUID:
    """The part's own id: the same answers of the same log make the same row."""
    return uuid.uuid5(PARTIAL, f"{client_id}{json.dumps([answers, unread], sort_keys=True)}")
