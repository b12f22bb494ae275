"""A contact with a next check or a promised call-back: when it passes without an outcome, we ask again."""

from datetime import datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, AlertSign
from tests.alerts.steps import CONTACT_RESTS, NUMB, fresh, minutes, raise_for, sign_of, told, what_happened
from tests.people import Cast

HOUR = timedelta(hours=1)


@pytest.fixture
def alert(people: Cast, now: datetime) -> Alert:
    return raise_for(people.patient, NUMB, now=now)


def contact(alert: Alert, people: Cast, now: datetime, **times: datetime | None) -> Alert:
    known = {"call_back_by": None, "next_check_at": None}
    return lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="Rest.", now=now, **{**known, **times}
    )


@pytest.mark.parametrize(
    ("times", "first", "what"),
    [
        ({"next_check_at": 4}, 4, "check_due"),
        ({"call_back_by": 2}, 2, "call_back_missed"),
        ({"next_check_at": 4, "call_back_by": 2}, 2, "call_back_missed"),
        ({}, 30, "contact_ran_out"),
    ],
)
def test_whichever_is_first_asks_again(
    people: Cast, now: datetime, alert: Alert, times: dict[str, int], first: int, what: str
) -> None:
    contact(alert, people, now, **{name: now + hours * HOUR for name, hours in times.items()})
    assert fresh(alert).next_step_at == now + first * HOUR
    assert advance_due(now + first * HOUR - minutes(1)) == 0
    assert advance_due(now + first * HOUR) == 1
    alert = fresh(alert)
    assert (alert.state, alert.next_check_at, alert.call_back_by) == ("open", None, None)
    assert what in what_happened(alert)
    assert told(alert, key__contains=":c1:")


def test_asking_again_does_not_undo_what_was_answered(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now, next_check_at=now + HOUR)
    advance_due(now + HOUR)
    assert sign_of(alert, "numb").ack == AlertSign.Ack.CONTACTED


def test_a_new_contact_sets_new_times(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now, call_back_by=now + HOUR)
    contact(alert, people, now + minutes(30))
    assert fresh(alert).next_step_at == now + CONTACT_RESTS


def test_an_outcome_before_the_check_ends_it(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now, next_check_at=now + HOUR)
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="x", now=now, worth="useful")
    assert advance_due(now + HOUR) == 0
    assert fresh(alert).worth == "useful"


def test_a_worse_sign_does_not_wait_for_the_check(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now, next_check_at=now + 4 * HOUR)
    raise_for(people.patient, lifecycle.SignInput("numb", "call_doctor_now", worse=True), now=now + minutes(9))
    assert (fresh(alert).state, fresh(alert).next_step_at) == ("open", now + minutes(9))
    assert sign_of(alert, "numb").ack == "none"
