"""docs/states.md, an alert: every act in every state, on real rows."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from alerts import lifecycle
from alerts.lifecycle import AlertError
from alerts.lifecycle.clearing import clear_watch_signs
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.staff_changes import Wanted, change_colleague
from alerts.messaging.receipts import record_receipt
from alerts.models import Alert, Delivery
from patients.models import Staff
from patients.status import lock
from tests.alerts.steps import CHEST, FEVER, NUMB, TIRED, fresh, minutes, raise_for
from tests.people import Cast
from tests.states import by_act, undone

TABLE = by_act("An alert: every act in every state")
Act = Callable[[Cast, Alert, datetime], object]
WORSE = {"call_doctor_now": NUMB, "watch": TIRED}


def opened(people: Cast, now: datetime) -> Alert:
    """Urgent, and the first step was told."""
    alert = raise_for(people.patient, NUMB, now=now)
    advance_due(now)
    return fresh(alert)


def taken(people: Cast, now: datetime) -> Alert:
    alert = opened(people, now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    return alert


def spoken_with(people: Cast, now: datetime) -> Alert:
    return contact(people, opened(people, now), now)


def watch(people: Cast, now: datetime) -> Alert:
    alert = raise_for(people.patient, TIRED, now=now)
    advance_due(now)
    return alert


def put_off(people: Cast, now: datetime) -> Alert:
    return snooze(people, watch(people, now), now)


def closed(people: Cast, now: datetime) -> Alert:
    return close(people, opened(people, now), now)


def due(people: Cast, alert: Alert, now: datetime) -> None:
    advance_due(fresh(alert).next_step_at or now + timedelta(days=30))


def take(people: Cast, alert: Alert, now: datetime) -> str:
    result = lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse2, now=now)
    return "" if result.won else "too late"


def contact(people: Cast, alert: Alert, now: datetime) -> Alert:
    told = {"level": "contacted", "note": "Rest.", "call_back_by": None}
    return lifecycle.record_contact(alert=alert, staff=people.nurse, now=now, **told)


def call(people: Cast, alert: Alert, now: datetime) -> None:
    lifecycle.record_try(alert=alert, staff=people.nurse, note="", now=now)


def two_calls(people: Cast, alert: Alert, now: datetime) -> None:
    call(people, alert, now)
    call(people, alert, now)


def snooze(people: Cast, alert: Alert, now: datetime) -> Alert:
    until = now + timedelta(days=1)
    return lifecycle.snooze(alert=alert, staff=people.nurse, until=until, reason="Visit tomorrow.", now=now)


def close(people: Cast, alert: Alert, now: datetime) -> Alert:
    return lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="", now=now)


def close_unreached(people: Cast, alert: Alert, now: datetime) -> Alert:
    call(people, alert, now)
    return close(people, alert, now)


def close_seen(people: Cast, alert: Alert, now: datetime) -> Alert:
    call(people, alert, now)
    return lifecycle.resolve(alert=alert, staff=people.nurse, outcome="seen_in_clinic", note="", now=now)


def hand_over(people: Cast, alert: Alert, now: datetime) -> Alert:
    return lifecycle.hand_over(alert=alert, to_staff=people.nurse2, staff=people.nurse, note="", now=now)


def leave(people: Cast, alert: Alert, now: datetime) -> None:
    person = Staff.objects.select_related("user", "clinic").get(pk=people.nurse.pk)
    change_colleague(manager=people.manager, wanted=Wanted(person, False, "nurse"), now=now)


def same(people: Cast, alert: Alert, now: datetime) -> None:
    raise_for(people.patient, WORSE[alert.tier], now=now)


def worse(people: Cast, alert: Alert, now: datetime) -> None:
    sign = WORSE[alert.tier]
    raise_for(people.patient, lifecycle.SignInput(sign.key, sign.tier, worse=True), now=now)


def another(people: Cast, alert: Alert, now: datetime) -> None:
    raise_for(people.patient, FEVER, now=now)


def emergency(people: Cast, alert: Alert, now: datetime) -> None:
    raise_for(people.patient, CHEST, now=now)


def gone(people: Cast, alert: Alert, now: datetime) -> None:
    with transaction.atomic():
        lock(people.patient.pk)
        clear_watch_signs(patient=people.patient, present=frozenset(), now=now)


def receipt(people: Cast, alert: Alert, now: datetime) -> None:
    row = Delivery.objects.filter(alert=alert).order_by("-id").first()
    Delivery.objects.filter(pk=row and row.pk).update(state="sent", provider_id="p", channel="sms")
    record_receipt(channel="sms", provider_id="p", state="delivered", now=now)


STATES = {
    "open": opened,
    "taken": taken,
    "spoken with": spoken_with,
    "watch": watch,
    "snoozed": put_off,
    "closed": closed,
}
ACTS: dict[str, Act] = {
    "its time comes": due,
    "a person takes it": take,
    "a contact is recorded": contact,
    "a call reaches nobody": call,
    "a second call reaches nobody": two_calls,
    "snoozed for a day": snooze,
    "closed as advised": close,
    "closed as advised after a call that reached nobody": close_unreached,
    "closed as seen in clinic after such a call": close_seen,
    "handed over": hand_over,
    "the access of whoever has it is stopped": leave,
    "the same sign again": same,
    "the same sign, worse": worse,
    "another urgent sign": another,
    "an emergency": emergency,
    "the sign is gone": gone,
    "a receipt: delivered": receipt,
}


def read(alert: Alert, now: datetime) -> str:
    """A state as the table writes it; "now": whoever is next is told at once."""
    words = {"open": "open", "acked": "taken", "resolved": "closed"}[alert.state]
    if alert.contacted_at and alert.state == Alert.State.ACKED:
        words = "spoken with"
    if alert.snoozed_until:
        words = "snoozed"
    return f"{words}, now" if alert.next_step_at and alert.next_step_at <= now else words


def after(people: Cast, state: str, act: str, now: datetime) -> str:
    """What comes of an act, in the words of the table."""
    alert, later = STATES[state](people, now), now + minutes(1)
    before = read(fresh(alert), later)
    try:
        said = ACTS[act](people, fresh(alert), later) or ""
    except AlertError:
        said = "refused"
    found = read(fresh(alert), later)
    if said in ("refused", "too late"):
        assert found == before
        return str(said)
    other = Alert.objects.exclude(pk=alert.pk).first()
    return f"a new one: {read(other, later)}" if other else found


@pytest.mark.parametrize("act", sorted(ACTS))
def test_the_table_says_what_the_code_does(people: Cast, now: datetime, act: str) -> None:
    found = {}
    for state in STATES:
        with undone():
            found[state] = after(people, state, act, now)
    assert found == TABLE[act]


def test_the_table_has_every_pair() -> None:
    assert {act: list(told) for act, told in TABLE.items()} == {act: list(STATES) for act in ACTS}
