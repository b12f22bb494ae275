"""The steps of a log, the same from every door: read -> check -> store -> judge -> tell. All pass on one `log`.

| step  | file       | what happens                                                                    |
|-------|------------|---------------------------------------------------------------------------------|
| read  | `read.py`  | turn what was received into one log, not stored yet                             |
| check | `check.py` | limit calm logs; take the urgent part of a log that cannot be read whole        |
| store | `store.py` | commit the log before the rules read it; store a repeated log once              |
| judge | `judge.py` | lock the patient's row; run the rules on the log and what is known              |
| tell  | `tell.py`  | write alert, assessment, messages and status, in the transaction of judging     |

Only this file calls the steps, in this order; the steps do not call each other (import-linter checks this). When a
request dies after `store`, `unjudged.py` judges its log.
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
    """The outcome of one sent log. assessment is None when judging failed; the sweep will judge the log."""

    log: DailyLog
    assessment: Assessment | None
    created: bool


def submit_log(log: DailyLog, *, may_wait: bool = False) -> Submission:
    """Check, store, judge and tell a log that `read.py` has read. The same UUID finds the log already stored.

    may_wait: the rate limit applies, because the sender can keep a calm log and retry. Raises TooMany then.
    """
    now = log.received_at
    if may_wait:
        refuse_one_too_many(log)
    log, created = store_log(log)
    # The log is committed: no failure below can lose it.
    failpoint("after_log_commit")
    # A repeated log is usually judged already. If its first request died, this request judges it.
    assessment = (None if created else _judged(log)) or _judge_safely(log, now)
    failpoint("after_judge_commit")
    return Submission(log, assessment, created)


def submit_urgent_part(readings: Sequence[DailyLog], *, instead: bool = False) -> Submission | None:
    """Submit the readable part of a log with errors when that part is urgent; return None when it is not.

    instead: the part supersedes the log that the whole one would supersede.
    """
    log = most_urgent(readings)
    part = urgent_part(log, log.supersedes if instead else None)
    return submit_log(part) if part else None


def judge_and_tell(log: DailyLog, now: datetime) -> Assessment:
    """Judge a stored log and write what follows, in one transaction with the patient's row locked."""
    with transaction.atomic():
        return tell(log, judge_log(log, now), now)


def try_to_judge(log: DailyLog, now: datetime) -> Assessment | Exception:
    """Return the assessment, or the exception when judging failed: the log is stored, and the sweep tries again.

    The program's log gets ids only, no health data.
    """
    try:
        return judge_and_tell(log, now)
    except Exception as error:
        # Another process may have judged the log at the same moment; the constraint allows one assessment.
        found = _judged(log) if isinstance(error, IntegrityError) else None
        if found is None:
            log_lines.error("log %s not judged: %s", log.pk, type(error).__name__)
        return found or error


def _judge_safely(log: DailyLog, now: datetime) -> Assessment | None:
    result = try_to_judge(log, now)
    return result if isinstance(result, Assessment) else None


def _judged(log: DailyLog) -> Assessment | None:
    return Assessment.objects.filter(log=log).first()
