"""Step 3, store: the log is committed by itself before anything looks at it, once however often it is sent."""

import hashlib
import json
import uuid
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction

from recovery.models import DailyLog
from recovery.models.log import HOW_IT_CAME


def store_log(log: DailyLog) -> tuple[DailyLog, bool]:
    """The stored log, and whether it is new. The same UUID with other words is kept too, superseding the first."""
    try:
        # One statement, committed by itself; inside a caller's block, a savepoint.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            log.save(force_insert=True)
        return log, True
    except IntegrityError:
        first = DailyLog.objects.get(patient_id=log.patient_id, client_id=log.client_id)
    if _said(first) == _said(log):
        return first, False
    words = json.dumps(_said(log), sort_keys=True, default=str)
    log.pk, log.code = None, uuid.uuid4()
    log.client_id = uuid.uuid5(log.client_id, hashlib.sha256(words.encode()).hexdigest())
    log.supersedes = log.supersedes or first
    return store_log(log)


def _said(log: DailyLog) -> list[Any]:
    """What was said, without how it came: the same log sent again by another way is the same log."""
    answers = {name: value for name, value in log.answers.items() if name not in HOW_IT_CAME}
    return [answers, log.partial, *([log.left_over] if log.left_over else [])]
