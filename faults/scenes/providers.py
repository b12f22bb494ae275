"""Providers that fail, for a moment or for good, and what their receipts may do."""

from alerts.clock import db_now
from alerts.messaging import receipts
from alerts.messaging.channels import PermanentFailure, TemporaryFailure
from alerts.models import AlertEvent
from faults.stage import SECOND, Stage, states, sweep_at


def a_911_page_is_tried_longer_than_a_minute(stage: Stage) -> None:
    stage.red()
    now = db_now()
    stage.provider.failure = TemporaryFailure("busy")
    sweep_at(now)
    sweep_at(now + 90 * SECOND)
    assert "dead" not in states()
    stage.provider.failure = None
    sweep_at(now + 150 * SECOND)
    assert len(stage.provider.ids) == 2


def a_provider_that_fails_for_a_moment_is_tried_again_soon(stage: Stage) -> None:
    stage.red()
    stage.provider.failure = TemporaryFailure("busy")
    sweep_at()
    stage.provider.failure = None
    sweep_at(db_now() + 3 * SECOND)
    assert len(stage.provider.ids) == 2


def a_page_that_can_never_arrive_brings_the_next_step_forward(stage: Stage) -> None:
    alert = stage.red()
    stage.provider.failure = PermanentFailure("no such box")
    sweep_at()
    assert AlertEvent.objects.filter(alert=alert, what="told").count() == 4


def a_receipt_answers_nothing(stage: Stage) -> None:
    stage.red()
    sweep_at()
    before = stage.alert().next_step_at
    for message_id in stage.provider.ids:
        receipts.record_receipt(channel="email", provider_id=message_id, state="delivered", now=db_now())
    alert = stage.alert()
    assert (alert.state, alert.next_step_at) == ("open", before)
