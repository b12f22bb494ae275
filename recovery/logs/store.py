"""Step 3, store: commit the log before the rules read it. A log sent several times is stored once."""

import hashlib
import json
import uuid
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction

from recovery.models import DailyLog
from recovery.models.log import HOW_IT_CAME


def store_log(log: DailyLog) -> tuple[DailyLog, bool]:
    """Store the log; returns the stored log and whether it is new.

    Other answers under a known UUID are stored too, as a log that supersedes the first.
    """
    try:
        # One statement with its own commit; a savepoint when the caller has opened a transaction.
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
    """Return the content of a log without how it came, so that a retry by another door counts as the same log."""
    answers = {name: value for name, value in log.answers.items() if name not in HOW_IT_CAME}
    return [answers, log.partial, *([log.left_over] if log.left_over else [])]
