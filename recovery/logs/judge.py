"""Step 4, judge: run the rules on a stored log and everything known of its patient. This step writes nothing."""

from datetime import datetime

from django.db.models import QuerySet

from patients.models import Procedure
from patients.prepared import Prepared
from recovery.models import DailyLog
from recovery.state import current_state, record
from recovery.state.judgement import Judged
from recovery.triage.evaluate import judge as evaluate


def judge_log(log: DailyLog, now: datetime) -> Judged:
    """Judge a stored log. Must run in a transaction: it locks the patient's row until the transaction ends."""
    beside = current_state.load(_lock(log.procedure_id), now)
    others = [row for row in beside.logs if row.pk not in (log.pk, log.supersedes_id)]
    verdict = evaluate(
        beside.record,
        record.hours_at(beside.procedure, log.happened_at),
        log.heard,
        record.as_history(beside.procedure, others),
        config=record.stored_config(beside.procedure, now),
    )
    # The rules hear a late log, but it does not say how the patient is now.
    newest = not any(row.happened_at > log.happened_at for row in others)
    return Judged(verdict, beside, newest)


def _lock(procedure_id: int) -> Procedure:
    """Return the procedure and lock its patient's row, so that logs of one patient are judged one by one."""
    (procedure,) = _locked(procedure=procedure_id)
    return procedure


@Prepared
def _locked(procedure: int) -> QuerySet[Procedure]:
    rows = record.with_overrides(Procedure.objects.filter(pk=procedure))
    return rows.select_for_update(of=("patient",))
