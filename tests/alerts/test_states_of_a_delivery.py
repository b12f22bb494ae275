"""docs/states.md, a delivery: every act in every state, on real rows."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from alerts import lifecycle
from alerts.lifecycle import AlertError
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.resending import retry
from alerts.messaging import outbox, receipts
from alerts.messaging.addresses import where_to
from alerts.messaging.channels import PermanentFailure, Sent, TemporaryFailure
from alerts.models import Alert, Delivery
from tests.alerts.steps import CHEST, fresh, minutes, raise_for
from tests.people import Cast, make_mobile
from tests.states import by_act, undone

TABLE = by_act("A delivery: every act in every state")
Act = Callable[[Cast, Delivery, datetime], str | None]
CLAIM = {"lease_until": None, "claim_token": None}


def message(people: Cast, state: str, now: datetime) -> Delivery:
    """The nurse's SMS about an emergency, in this state; the plan's next step is some minutes away."""
    make_mobile(people.nurse, "+13125550111")
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    Alert.objects.filter(pk=alert.pk).update(next_step_at=now + minutes(3))
    row = Delivery.objects.get(alert=alert, recipient=f"staff:{people.nurse.pk}", channel="email")
    Delivery.objects.filter(alert=alert).exclude(pk=row.pk).delete()
    fields = {"state": state, "channel": "sms", "attempts": 0 if state == "pending" else 1}
    if state in ("sent", "delivered"):
        fields |= {"provider_id": "SM1", "sent_at": now}
    if state == "tried":
        fields["state"] = "pending"
    if state == "claimed":
        fields |= {"claim_token": uuid.uuid4(), "claimed_at": now, "lease_until": now + timedelta(seconds=12)}
    Delivery.objects.filter(pk=row.pk).update(**fields)
    return Delivery.objects.select_related("alert").get(pk=row.pk)


def look(people: Cast, row: Delivery, now: datetime) -> None:
    outbox.claim_due(now)


def result(outcome: Sent | Exception) -> Act:
    def act(people: Cast, row: Delivery, now: datetime) -> str | None:
        return "lost" if outbox.record(row, outcome, now) == "lost" else None

    return act


def sender_gone(people: Cast, row: Delivery, now: datetime) -> None:
    outbox.reclaim_stuck(now + timedelta(seconds=13))


def too_late(people: Cast, row: Delivery, now: datetime) -> None:
    Delivery.objects.filter(pk=row.pk).update(due_at=F("due_at") - timedelta(days=1), send_by=now)
    for claimed in outbox.claim_due(now):
        outbox.prepare(claimed, where_to, now)


def receipt(state: str, name: str = "SM1") -> Act:
    def act(people: Cast, row: Delivery, now: datetime) -> None:
        receipts.record_receipt(channel="sms", provider_id=name, state=state, now=now, key=row.key)

    return act


def take(people: Cast, row: Delivery, now: datetime) -> None:
    assert row.alert
    lifecycle.acknowledge(alert_code=row.alert.code, staff=people.nurse, now=now)


def try_again(people: Cast, row: Delivery, now: datetime) -> None:
    retry(staff=people.manager, pk=row.pk, now=now)


STATES = ("pending", "tried", "claimed", "sent", "delivered", "dead", "cancelled")
ACTS: dict[str, Act] = {
    "a sender looks for work": look,
    "the provider took it": result(Sent("SM2")),
    "a temporary error": result(TemporaryFailure("busy")),
    "a permanent error": result(PermanentFailure("no such number")),
    "its sender is gone": sender_gone,
    "send-by is over when it is claimed": too_late,
    "a receipt: sent": receipt("sent"),
    "a receipt: delivered": receipt("delivered"),
    "a receipt: failed": receipt("dead"),
    "a receipt: failed, of an earlier try": receipt("dead", "SM0"),
    "somebody takes the alert": take,
    "a manager tries again": try_again,
}


def after(people: Cast, state: str, act: str, now: datetime) -> str:
    """What comes of an act, in the words of the table."""
    row, later = message(people, state, now), now + timedelta(seconds=2)
    before = row.state
    try:
        said = ACTS[act](people, row, later)
    except AlertError:
        said = "refused"
    found = Delivery.objects.get(pk=row.pk).state
    if said:
        assert found == before
        return said
    assert row.alert
    alert = fresh(row.alert)
    called = alert.next_step_at is not None and alert.next_step_at <= later
    assert called <= (found == "dead"), "only a message that cannot arrive brings the next step forward"
    assert alert.state == "acked" if act == "somebody takes the alert" else alert.state == "open"
    return f"{found}, next step" if called else found


@pytest.mark.parametrize("act", sorted(ACTS))
def test_the_table_says_what_the_code_does(people: Cast, now: datetime, act: str) -> None:
    found = {}
    for state in STATES:
        with undone():
            found[state] = after(people, state, act, now)
    assert found == TABLE[act]


def test_the_table_has_every_pair() -> None:
    assert {act: list(told) for act, told in TABLE.items()} == {act: list(STATES) for act in ACTS}
