"""A call that reached nobody is no contact: it is counted, the clock goes on, and the physician hears of it."""

from datetime import datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.lifecycle import AlertError
from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, AlertEvent
from alerts.policy.plan import DEFAULT_PLANS, Plan, Step, physician_step
from tests.alerts.steps import NUMB, TIRED, fresh, minutes, raise_for, sign_of, status, told, what_happened
from tests.people import Cast


@pytest.fixture
def alert(people: Cast, now: datetime) -> Alert:
    """A doctor-now alert whose first step has been told."""
    found = raise_for(people.patient, NUMB, now=now)
    advance_due(now)
    return found


def attempt(alert: Alert, people: Cast, at: datetime) -> Alert:
    return lifecycle.record_try(alert=alert, staff=people.nurse, note="No answer.", now=at)


def test_an_open_alert_goes_on_as_planned_after_one_try(people: Cast, now: datetime, alert: Alert) -> None:
    before = fresh(alert).next_step_at
    attempt(alert, people, now + minutes(2))
    alert = fresh(alert)
    assert (alert.state, alert.next_step_at, alert.tries) == ("open", before, 1)
    assert (alert.tried_by, alert.tried_at) == (people.nurse, now + minutes(2))
    assert sign_of(alert, "numb").ack == "none"


def test_the_time_of_who_has_it_does_not_grow_by_trying(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    attempt(alert, people, now + minutes(10))
    assert fresh(alert).next_step_at == now + minutes(30)
    assert advance_due(now + minutes(30)) == 1
    assert fresh(alert).state == "open"


def test_the_second_try_brings_the_physician_now(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    for n in (5, 9):
        attempt(alert, people, now + minutes(n))
    alert = fresh(alert)
    assert (alert.state, alert.acked_by, alert.next_step_at) == ("open", None, now + minutes(9))
    assert status(people.patient)[0] == 20
    assert advance_due(now + minutes(9)) == 1
    assert told(alert)[-1] == f"staff:{people.physician.pk}"
    assert "out_of_reach" in what_happened(alert)
    assert AlertEvent.objects.filter(alert=alert, what="not_reached").count() == 2


def test_who_takes_it_after_that_and_fails_too_is_not_left_alone_with_it(
    people: Cast, now: datetime, alert: Alert
) -> None:
    for n in (1, 2):
        attempt(alert, people, now + minutes(n))
    advance_due(now + minutes(2))
    lifecycle.acknowledge(alert_code=alert.code, staff=people.physician, now=now + minutes(3))
    lifecycle.record_try(alert=alert, staff=people.physician, note="", now=now + minutes(4))
    alert = fresh(alert)
    assert (alert.state, alert.tries, alert.next_step_at) == ("open", 3, now + minutes(4))
    assert advance_due(now + minutes(4)) == 1


def test_a_contact_before_does_not_let_a_failed_call_rest_for_48_hours(
    people: Cast, now: datetime, alert: Alert
) -> None:
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="x", call_back_by=None, now=now
    )
    at = now + timedelta(hours=5)
    attempt(alert, people, at)
    assert fresh(alert).next_step_at == at + minutes(30)


def test_a_contact_ends_the_counting(people: Cast, now: datetime, alert: Alert) -> None:
    attempt(alert, people, now)
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="x", call_back_by=None, now=now + minutes(1)
    )
    assert (fresh(alert).tries, fresh(alert).tried_by) == (0, None)


@pytest.mark.parametrize("outcome", ["advised", "expected", "entered_in_error"])
def test_an_urgent_alert_out_of_reach_is_never_just_closed(
    people: Cast, now: datetime, alert: Alert, outcome: str
) -> None:
    attempt(alert, people, now)
    with pytest.raises(AlertError, match="Nobody has reached the patient"):
        lifecycle.resolve(alert=alert, staff=people.nurse, outcome=outcome, note="x", now=now)
    assert fresh(alert).state == "open"


@pytest.mark.parametrize("outcome", ["seen_in_clinic", "sent_to_er"])
def test_it_closes_where_somebody_saw_the_patient(people: Cast, now: datetime, alert: Alert, outcome: str) -> None:
    attempt(alert, people, now)
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome=outcome, note="x", now=now)
    assert fresh(alert).state == "resolved"


def test_trying_about_a_watch_item_still_pages_nobody(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, now=now)
    for n in range(4):
        attempt(alert, people, now + minutes(n))
        advance_due(now + minutes(n))
    assert told(alert) == []
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="expected", note="x", now=now + minutes(9))


def test_a_closed_alert_and_a_stranger_s_can_not_be_tried(people: Cast, now: datetime, alert: Alert) -> None:
    with pytest.raises(AlertError):
        lifecycle.record_try(alert=alert, staff=people.other_nurse, note="", now=now)
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="x", now=now)
    with pytest.raises(AlertError, match="already closed"):
        attempt(alert, people, now)


def test_the_step_for_somebody_out_of_reach_is_the_next_that_tells_physicians() -> None:
    doctor_now = DEFAULT_PLANS["call_doctor_now"]
    assert [physician_step(doctor_now, step) for step in (0, 1, 2, 9)] == [2, 2, 2, 2]
    assert physician_step(DEFAULT_PLANS["call_911"], 3) == 3
    nurses_only = Plan((Step(0, "nurse_on_call"), Step(5, "all_nurses")), 5, 10)
    assert [physician_step(nurses_only, step) for step in (0, 1)] == [0, 1]


def test_a_third_call_does_not_bring_the_physicians_step_forward_again(
    people: Cast, now: datetime, alert: Alert
) -> None:
    for n in (1, 2):
        attempt(alert, people, now + minutes(n))
    advance_due(now + minutes(2))
    due = fresh(alert).next_step_at
    attempt(alert, people, now + minutes(3))
    assert (fresh(alert).state, fresh(alert).next_step_at) == ("open", due)
    assert what_happened(alert).count("out_of_reach") == 1


def test_a_first_call_changes_no_step(people: Cast, now: datetime, alert: Alert) -> None:
    advance_due(now)
    before = (fresh(alert).step, fresh(alert).next_step_at)
    attempt(alert, people, now + minutes(1))
    assert (fresh(alert).step, fresh(alert).next_step_at) == before


def test_a_step_that_tells_everyone_tells_physicians_too() -> None:
    plan = Plan((Step(0, "nurse_on_call"), Step(5, "all_nurses"), Step(5, "everyone")), 15, 30)
    assert [physician_step(plan, step) for step in (0, 1, 2)] == [2, 2, 2]


def test_after_a_call_that_failed_it_is_the_time_to_answer_that_ran_out(
    people: Cast, now: datetime, alert: Alert
) -> None:
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="x", call_back_by=None, now=now
    )
    attempt(alert, people, now + minutes(60))
    advance_due(now + minutes(90))
    happened = what_happened(alert)
    assert "ack_expired" in happened
    assert "contact_ran_out" not in happened
