"""Logs that a phone sends twice, changed or at the same time, and logs that no rule can read."""

import uuid
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any
from unittest.mock import patch

from alerts.clock import db_now
from alerts.models import AlertSign
from faults.stage import SECOND, Stage, elsewhere
from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.logs import judge, unjudged
from recovery.models import Assessment, DailyLog
from tests.recovery.conftest import BREATHLESS, CALM, NUMB


def a_crash_of_the_rules_is_a_persons_task(stage: Stage) -> None:
    with patch.object(judge, "evaluate", side_effect=ZeroDivisionError):
        stage.log(CALM)
        elsewhere(lambda: unjudged.sweep_unjudged(db_now() + 5 * SECOND))
    assert (stage.alert().tier, Assessment.objects.get().unreadable) == (CALL_DOCTOR_NOW, True)


def the_same_id_with_other_words_keeps_both(stage: Stage) -> None:
    same = uuid.uuid4()
    stage.log(client_id=same)
    stage.log(BREATHLESS, client_id=same)
    assert DailyLog.objects.count() == 2
    assert stage.alert().tier == CALL_911


def the_same_log_again_is_one_log(stage: Stage) -> None:
    same = uuid.uuid4()
    stage.log(BREATHLESS, client_id=same)
    stage.log(BREATHLESS, client_id=same)
    assert DailyLog.objects.count() == 1
    assert AlertSign.objects.get(sign="em_breath").occurrences == 1


def what_the_phone_judged_worse_counts(stage: Stage) -> None:
    stage.log(phone_tier=CALL_911)
    assert stage.alert().tier == CALL_911


def three_red_logs_at_once_are_one_alert(stage: Stage) -> None:
    from tests.attacks.at_once import at_once  # noqa: PLC0415

    evaluate, all_three = judge.evaluate, Barrier(3)

    def together(*args: Any, **more: Any) -> Any:
        """Let no thread go on before all are here; with a lock in the way they never are."""
        with suppress(BrokenBarrierError):
            all_three.wait(timeout=2)
        return evaluate(*args, **more)

    with patch.object(judge, "evaluate", together):
        at_once(*[partial(stage.log, changes) for changes in (BREATHLESS, NUMB, BREATHLESS)])
    assert Assessment.objects.filter(alert=stage.alert()).count() == 3
