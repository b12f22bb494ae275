"""Calls to staff: they follow within the step, and neither a machine nor a repeat takes an alert."""

from alerts.clock import db_now
from alerts.lifecycle import restart
from alerts.lifecycle.staff_calls import on_the_line, pressed
from alerts.messaging import channels
from alerts.messaging.call_ends import record_end
from alerts.models import AlertEvent, Delivery
from faults.stage import MINUTE, SECOND, Stage, sweep_at
from tests.people import make_mobile

End = Delivery.CallEnd
TEXTED = "+13125550111"


def a_call_follows_a_text_within_the_step(stage: Stage) -> None:
    row = _called(stage, after_a_text=True)
    assert (row.state, row.due_at) == ("pending", row.created_at + MINUTE)
    sweep_at(row.due_at + SECOND)
    assert _fresh(row).state == "sent"


def a_voicemail_brings_the_next_step_forward(stage: Stage) -> None:
    row = _called(stage)
    assert record_end(row, End.VOICEMAIL, db_now())
    sweep_at()
    assert AlertEvent.objects.filter(what="told").count() == 2
    assert stage.alert().state == "open"


def a_key_counts_once_and_never_for_an_alert_that_opened_again(stage: Stage) -> None:
    row = _called(stage)
    _press(row)
    _press(row)
    assert AlertEvent.objects.filter(what="acknowledged").count() == 1
    alert = stage.alert()
    restart(alert, db_now())
    alert.save()
    _press(row)
    assert stage.alert().state == "open"


def a_report_that_comes_after_the_key_changes_nothing(stage: Stage) -> None:
    row = _called(stage)
    _press(row)
    for end in (End.NO_KEY, End.VOICEMAIL, End.BUSY):
        assert not record_end(row, end, db_now())
    assert (_fresh(row).state, _fresh(row).call_end) == ("delivered", "taken")


def a_key_after_the_end_of_its_call_still_takes_it(stage: Stage) -> None:
    row = _called(stage)
    record_end(row, End.NO_KEY, db_now())
    _press(row)
    assert (_fresh(row).call_end, stage.alert().state) == ("taken", "acked")


def _called(stage: Stage, *, after_a_text: bool = False) -> Delivery:
    """The nurse's call about a 911 alert, made unless a text goes first."""
    channels.CHANNELS["call"] = channels.CHANNELS["sms"] = stage.provider
    make_mobile(stage.people.nurse, TEXTED, kind="call")
    if after_a_text:
        make_mobile(stage.people.nurse, TEXTED)
    stage.red()
    sweep_at()
    return Delivery.objects.get(channel="call")


def _press(row: Delivery) -> None:
    found = on_the_line(row.key, db_now())
    assert found
    pressed(found, "1", 1, db_now())


def _fresh(row: Delivery) -> Delivery:
    return Delivery.objects.get(pk=row.pk)
