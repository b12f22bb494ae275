"""Step 4, judge: the rules read a stored log beside everything known of its patient. Nothing is written here."""

from datetime import datetime

from patients.models import Procedure
from recovery.models import DailyLog
from recovery.state import current_state, record
from recovery.state.judgement import Judged
from recovery.triage.evaluate import judge as evaluate


def judge_log(log: DailyLog, now: datetime) -> Judged:
    """Judge a stored log. Call it in a transaction: the patient's row stays locked until that ends."""
    beside = current_state.load(_lock(log.procedure_id), now)
    others = [row for row in beside.logs if row.pk not in (log.pk, log.supersedes_id)]
    verdict = evaluate(
        beside.record,
        record.hours_at(beside.procedure, log.happened_at),
        log.heard,
        record.as_history(beside.procedure, others),
        config=record.stored_config(beside.procedure, now),
    )
    # One that came late is heard, but it is not how the patient is now.
    newest = not any(row.happened_at > log.happened_at for row in others)
    return Judged(verdict, beside, newest)


def _lock(procedure_id: int) -> Procedure:
    """The procedure with its patient's row locked: logs of one patient are judged one after the other."""
    rows = record.with_overrides(Procedure.objects.all())
    return rows.select_for_update(of=("patient",)).get(pk=procedure_id)
