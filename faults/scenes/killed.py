"""Processes die, hang or stop half-way: no work counts as done before it is, and none is done twice."""

import uuid
from functools import partial
from unittest.mock import patch

from django.db import transaction

from alerts import lifecycle
from alerts.clock import db_now
from alerts.lifecycle import escalation
from alerts.messaging import outbox
from alerts.messaging.channels import TemporaryFailure
from alerts.models import Alert, AlertEvent, AlertSign, Delivery, ProcessBeat, SetAside
from alerts.monitoring.watchdog import Watchdog
from faults.envelopes import Pen
from faults.stage import SECOND, Crash, Stage, elsewhere, killed_at, states, sweep_at
from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.logs import phone_keys, sealed, unjudged
from recovery.models import Assessment, DailyLog, SealedLog
from tests.recovery.conftest import BREATHLESS


def killed_before_sending_nothing_counts_as_sent(stage: Stage) -> None:
    stage.red()
    with killed_at("before_send"):
        sweep_at()
    assert stage.provider.ids == []
    assert "sent" not in states()
    sweep_at()
    assert len(stage.provider.ids) == 2
    assert states() == {"sent": 2}


def killed_after_sending_the_same_message_is_sent_again(stage: Stage) -> None:
    stage.red()
    with killed_at("after_send"):
        sweep_at()
    sweep_at()
    assert states() == {"sent": 2}
    assert 2 <= len(stage.provider.ids) <= 4
    assert len(set(stage.provider.ids)) == 2


def what_a_dead_process_claimed_is_sent_by_the_next_sweep(stage: Stage) -> None:
    stage.red()
    with killed_at("after_claim"):
        sweep_at()
    assert states() == {"claimed": 2}
    sweep_at()
    assert len(stage.provider.ids) == 2


def a_hanging_process_loses_its_claim_when_the_lease_runs_out_and_not_before(stage: Stage) -> None:
    stage.red()
    escalation.advance_due()
    now = db_now()
    slow = [row for row in outbox.claim_due(now) if row.channel == "email"]
    assert len(slow) == 2
    assert elsewhere(partial(outbox.reclaim_stuck, now + 5 * SECOND)) == 0
    assert elsewhere(partial(outbox.reclaim_stuck, now + 20 * SECOND)) == 2
    assert states() == {"pending": 2}
    sweep_at()
    # The hanging process goes on: its result must change nothing now.
    assert {outbox.record(row, TemporaryFailure("late"), db_now()) for row in slow} == {"lost"}
    assert states() == {"sent": 2}


def a_late_mark_does_not_touch_the_claim_of_another(stage: Stage) -> None:
    stage.red()
    escalation.advance_due()
    now = db_now()
    slow = outbox.claim_due(now)
    outbox.reclaim_stuck(now + 20 * SECOND)
    other = outbox.claim_due(db_now())
    assert {outbox.record(row, TemporaryFailure("late"), db_now()) for row in slow} == {"lost"}
    assert {row.claim_token for row in Delivery.objects.filter(state="claimed")} == {other[0].claim_token}


def what_one_process_is_taking_the_next_passes_over_without_waiting(stage: Stage) -> None:
    stage.red()
    with transaction.atomic():
        assert escalation.advance_due() == 1
        assert elsewhere(escalation.advance_due) == 0
    # The sweep passes the locked row over: a row that makes it wait too long is set aside.
    assert not SetAside.objects.exists()
    with transaction.atomic():
        assert outbox.claim_due(db_now())
        assert elsewhere(lambda: outbox.claim_due(db_now())) == []


def a_step_and_its_messages_are_written_together_or_not_at_all(stage: Stage) -> None:
    stage.red()
    with patch.object(outbox, "enqueue_many", side_effect=Crash):
        elsewhere(escalation.advance_due)
    sweep_at()
    assert len(stage.provider.ids) == 2
    assert stage.alert().step == 1


def killed_while_judging_leaves_nothing_half_done(stage: Stage) -> None:
    with killed_at("in_judge"):
        elsewhere(lambda: stage.log(BREATHLESS))
    assert DailyLog.objects.count() == 1
    assert not Alert.objects.exists()
    elsewhere(lambda: unjudged.sweep_unjudged(db_now() + 5 * SECOND))
    assert Assessment.objects.get().alert == stage.alert()
    assert AlertSign.objects.get(sign="em_breath").occurrences == 1


def an_answer_and_its_record_are_one(stage: Stage) -> None:
    alert = stage.red()
    with patch.object(AlertEvent.objects, "create", side_effect=Crash):
        elsewhere(lambda: lifecycle.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=db_now()))
    assert stage.alert().state == "open"
    lifecycle.acknowledge(alert_code=alert.code, staff=stage.people.nurse, now=db_now())
    assert AlertEvent.objects.filter(alert=alert, what="acknowledged").count() == 1


def a_log_whose_request_died_is_judged_within_seconds(stage: Stage) -> None:
    with killed_at("after_log_commit"):
        elsewhere(lambda: stage.log(BREATHLESS))
    elsewhere(lambda: unjudged.sweep_unjudged(db_now() + 5 * SECOND))
    assert stage.alert().tier == CALL_911


def an_envelope_whose_request_died_is_opened_within_seconds(stage: Stage) -> None:
    patient = stage.people.patient
    assert patient.user
    key = phone_keys.register(patient.user, Pen("", 1).public, "", db_now())
    with killed_at("after_envelope_commit"):
        elsewhere(lambda: sealed.take(key, sealed.Sealed(uuid.uuid4(), patient.code, "{}"), db_now()))
    elsewhere(lambda: sealed.open_due(db_now() + 5 * SECOND))
    assert SealedLog.objects.get().state == "given"
    assert stage.alert().tier == CALL_DOCTOR_NOW


def the_watchdog_takes_over_within_seconds(stage: Stage) -> None:
    stage.red()
    ProcessBeat.objects.create(name="tick:celery", beat_at=db_now() - 4 * SECOND, detail={})
    Watchdog(sweep=lambda now: sweep_at() and None).run_once()
    assert len(stage.provider.ids) == 2


def a_sweep_needs_no_hint(stage: Stage) -> None:
    stage.red()
    assert sweep_at()["sent"] == 2  # Redis is away in every scene
