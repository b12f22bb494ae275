"""The way of one log, from every door: read -> check -> store -> judge -> tell. One object all the way, its `log`.

| step  | file       | what happens                                                                    |
|-------|------------|---------------------------------------------------------------------------------|
| read  | `read.py`  | what a door received becomes one log, not stored yet                            |
| check | `check.py` | calm ones may be too many; of one that cannot be taken whole the urgent part is |
| store | `store.py` | the log is committed by itself, once however often it is sent                   |
| judge | `judge.py` | the patient's row is locked; the rules read the log beside what is known        |
| tell  | `tell.py`  | alert, assessment, messages and status, in the transaction of judging           |

No step calls another: only this file does, in this order (import-linter holds it). A log whose request died after
`store` is judged by `unjudged.py`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from alerts.failpoints import failpoint
from recovery.logs.check import most_urgent, refuse_one_too_many, urgent_part
from recovery.logs.judge import judge_log
from recovery.logs.store import store_log
from recovery.logs.tell import tell
from recovery.models import Assessment, DailyLog

log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Submission:
    """What became of one sent log. assessment is None when judging failed: the sweep will do it."""

    log: DailyLog
    assessment: Assessment | None
    created: bool


def submit_log(log: DailyLog, *, may_wait: bool = False) -> Submission:
    """Check, store, judge and tell a log that `read.py` has read. The same UUID again finds the same log.

    may_wait: its sender keeps a calm log that is one too many, and sends it later; raises TooMany.
    """
    now = log.received_at
    if may_wait:
        refuse_one_too_many(log)
    log, created = store_log(log)
    # From here nothing that fails can lose the words.
    failpoint("after_log_commit")
    # A log sent again has most likely been judged; if not, its first request died and this one does it.
    assessment = (None if created else _judged(log)) or _judge_safely(log, now)
    failpoint("after_judge_commit")
    return Submission(log, assessment, created)


def submit_urgent_part(readings: Sequence[DailyLog], *, instead: bool = False) -> Submission | None:
    """Submit what could be read of a log that has to come back, when that much is urgent; None when it is not.

    instead: it takes the place of the log that the whole one would replace.
    """
    log = most_urgent(readings)
    part = urgent_part(log, log.supersedes if instead else None)
    return submit_log(part) if part else None


def judge_and_tell(log: DailyLog, now: datetime) -> Assessment:
    """Judge a stored log and tell of it, in one transaction with the patient's row locked."""
    with transaction.atomic():
        return tell(log, judge_log(log, now), now)


def try_to_judge(log: DailyLog, now: datetime) -> Assessment | Exception:
    """The assessment, or what went wrong: the log is safe, and the sweep tries again. Our log names ids only."""
    try:
        return judge_and_tell(log, now)
    except Exception as error:
        # Another process may have judged it at the same moment: the constraint lets one of them through.
        found = _judged(log) if isinstance(error, IntegrityError) else None
        if found is None:
            log_lines.error("log %s not judged: %s", log.pk, type(error).__name__)
        return found or error


def _judge_safely(log: DailyLog, now: datetime) -> Assessment | None:
    result = try_to_judge(log, now)
    return result if isinstance(result, Assessment) else None


def _judged(log: DailyLog) -> Assessment | None:
    return Assessment.objects.filter(log=log).first()
