"""Keys and reports of calls to staff that come in at the same moment."""

from datetime import datetime
from functools import partial

import pytest
from django.utils import timezone

from alerts.lifecycle import save_plan
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.staff_calls import on_the_line, pressed
from alerts.messaging.call_ends import record_end
from alerts.models import Alert, AlertEvent, Delivery
from alerts.policy.plan import Plan, Step
from tests.alerts.steps import CHEST, fresh, raise_for, what_happened
from tests.attacks.at_once import at_once
from tests.people import Cast, cast, make_mobile, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
End = Delivery.CallEnd


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Everybody, committed; both nurses are called at once."""
    found = cast()
    make_mobile(found.nurse, "+13125550111", kind="call")
    make_mobile(found.nurse2, "+13125550112", kind="call")
    steps = (Step(0, "all_nurses", channels=("call",)), Step(3, "physician"), Step(3, "everyone"))
    save_plan(found.clinic, "call_911", Plan(steps, 5, 10))
    return found


def ringing(people: Cast) -> tuple[Alert, list[Delivery]]:
    now = timezone.now()
    alert = raise_for(make_patient(people.clinic), CHEST, now=now)
    advance_due(now)
    rows = Delivery.objects.filter(alert=alert, channel="call").order_by("pk")
    rows.update(state="sent", attempts=1, claimed_at=now, sent_at=now)
    return alert, list(rows)


def press(row: Delivery, now: datetime) -> str:
    found = on_the_line(row.key, now)
    assert found
    return " ".join(pressed(found, "1", 1, now).sentences)


def test_two_nurses_press_1_at_once_and_one_has_it(people: Cast) -> None:
    for _ in range(3):
        alert, rows = ringing(people)
        said = at_once(*[partial(press, row, timezone.now()) for row in rows])
        assert sorted(words.startswith("You have it") for words in said) == [False, True]
        assert any(words.startswith("Already taken by ") for words in said)
        assert what_happened(alert).count("acknowledged") == 1
        assert {row.call_end for row in Delivery.objects.filter(alert=alert, channel="call")} == {"taken", "late"}


def test_a_key_and_the_end_of_its_call_at_once_end_as_the_key_said(people: Cast) -> None:
    for _ in range(3):
        alert, (row, _) = ringing(people)
        now = timezone.now()
        at_once(*[partial(press, row, now)] * 2, *[partial(record_end, row, End.NO_KEY, now)] * 2)
        assert Delivery.objects.get(pk=row.pk).call_end == "taken"
        assert what_happened(alert).count("acknowledged") == 1
        assert fresh(alert).state == "acked"


def test_both_calls_end_at_once_and_the_next_step_comes_once(people: Cast) -> None:
    for _ in range(3):
        alert, rows = ringing(people)
        now = timezone.now()
        at_once(*[partial(record_end, row, End.BUSY, now) for row in rows for _ in range(2)])
        assert fresh(alert).next_step_at == now
        assert what_happened(alert).count("called") == 2
        assert sum(at_once(*[partial(advance_due, now)] * 2)) == 1
        assert AlertEvent.objects.filter(alert=alert, what="told").count() == 2
