"""One slow provider holds up nobody but itself; its own results are marked as they come."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from alerts.messaging import dispatch, outbox
from alerts.messaging.channels import CHANNELS, Sent
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from tests.people import Cast, make_mobile
from tests.waiting import until


class Slow:
    """A provider that answers when it is let go, or after its patience."""

    def __init__(self, seconds: float = 30) -> None:
        self.seconds, self.calls, self.answered = seconds, 0, 0
        self.let_go = threading.Event()

    def send(self, address: str, subject: str, body: str, key: str) -> Sent:
        """Think."""
        self.calls += 1
        self.let_go.wait(self.seconds)
        self.answered += 1
        return Sent(provider_id=key)


@pytest.fixture
def slow(people: Cast, monkeypatch: Any) -> Any:
    """SMS hangs; 20 messages wait there, and 20 by e-mail behind them."""
    provider = Slow()
    monkeypatch.setitem(CHANNELS, "sms", provider)
    make_mobile(people.nurse, "+13125550111")
    yield provider
    provider.let_go.set()


def fill(people: Cast, now: datetime) -> None:
    for number in range(20):
        for channel, age in (("sms", 60), ("email", 0)):
            outbox.enqueue(
                key=f"{channel}:{number}",
                channel=channel,
                recipient=f"staff:{people.nurse.pk}",
                message="contact_test",
                now=now,
                due_at=now - timedelta(seconds=age),
                send_by=now + timedelta(hours=1),
            )


@pytest.mark.slow
def test_a_slow_channel_holds_up_no_other(people: Cast, slow: Slow, now: datetime, monkeypatch: Any) -> None:
    fill(people, now)
    monkeypatch.setattr("alerts.monitoring.sweep.BUDGET_SECONDS", 4.0)
    monkeypatch.setattr(dispatch, "PATIENCE_SECONDS", 0.1)
    sweep(now)
    assert slow.answered == 0
    assert len(mail.outbox) == 20
    # the slow one had eight at once, no more; what has no answer waits for its next try, under the same key
    sms = Delivery.objects.filter(channel="sms")
    assert slow.calls == 8
    assert sms.filter(attempts=0, state="pending").count() == 12
    assert set(sms.filter(attempts=1).values_list("state", "error")) == {("pending", "no answer in time")}


def test_a_result_is_marked_as_soon_as_it_is_there(people: Cast, slow: Slow, now: datetime) -> None:
    fill(people, now)
    dispatcher = dispatch.Dispatcher()
    rows = outbox.claim_due(now, 40)
    dispatcher.start(rows, now)

    def all_emails_are_marked() -> bool:
        dispatcher.collect(now, seconds=0.1)
        return Delivery.objects.filter(channel="email", state="sent").count() == 20

    until(all_emails_are_marked)
    assert dispatcher.busy() == ["sms"]
    assert dispatcher.under_way == 20
    slow.let_go.set()
    dispatcher.leave(now)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_busy_channels_rows_are_left_for_later(people: Cast, slow: Slow, now: datetime) -> None:
    fill(people, now)
    assert {row.channel for row in outbox.claim_due(now, 40, busy=["sms"])} == {"email"}


@pytest.mark.slow
def test_what_becomes_due_while_a_provider_thinks_goes_out(people: Cast, slow: Slow) -> None:
    now = timezone.now()
    sms = {"channel": "sms", "due_at": now - timedelta(seconds=9)}
    note = {"channel": "email", "due_at": now + timedelta(seconds=1)}
    for fields in (sms, note):
        outbox.enqueue(
            key=str(fields["channel"]),
            recipient=f"staff:{people.nurse.pk}",
            message="contact_test",
            now=now,
            send_by=now + timedelta(hours=1),
            **fields,
        )
    threading.Timer(2.5, slow.let_go.set).start()
    sweep()
    assert list(Delivery.objects.order_by("sent_at").values_list("channel", flat=True)) == ["email", "sms"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
