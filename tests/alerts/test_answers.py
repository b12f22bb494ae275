"""Taking, contacting, handing over and closing an alert."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts import lifecycle
from alerts.lifecycle import AlertError
from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from tests.alerts.steps import (
    CHEST,
    CONTACT_RESTS,
    FEVER,
    NUMB,
    TIRED,
    fresh,
    minutes,
    raise_for,
    sign_of,
    status,
    told,
    what_happened,
)
from tests.people import Cast


@pytest.fixture
def alert(people: Cast, now: datetime) -> Alert:
    """An open doctor-now alert."""
    return raise_for(people.patient, NUMB, now=now)


@pytest.mark.slow
def test_the_first_nurse_takes_it_and_the_second_is_told_who(people: Cast, now: datetime, alert: Alert) -> None:
    at = now + minutes(1)
    first = lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=at)
    second = lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse2, now=at + minutes(1))
    assert (first.won, second.won) == (True, False)
    assert (second.by_name, second.at) == ("Nora Staff", at)
    assert fresh(alert).acked_by_id == people.nurse.pk


def test_taking_it_marks_the_signs_seen_and_starts_the_time_to_answer(
    people: Cast, now: datetime, alert: Alert
) -> None:
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    alert = fresh(alert)
    assert alert.next_step_at == alert.ack_expires_at == now + minutes(30)
    assert (sign_of(alert, "numb").ack, sign_of(alert, "numb").acked_at) == ("seen", now)
    assert status(people.patient) == (40, now, "P2")
    assert what_happened(alert) == ["opened", "acknowledged"]


def test_taking_it_cancels_what_has_not_been_sent(people: Cast, now: datetime, alert: Alert) -> None:
    advance_due(now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    pages = Delivery.objects.filter(alert=alert, channel="email")
    assert set(pages.values_list("state", flat=True)) == {"cancelled"}


def test_a_stranger_can_not_touch_it(people: Cast, now: datetime, alert: Alert) -> None:
    with pytest.raises(AlertError):
        lifecycle.acknowledge(alert_code=alert.code, staff=people.other_nurse, now=now)
    with pytest.raises(AlertError):
        lifecycle.resolve(alert=alert, staff=people.other_nurse, outcome="advised", note="", now=now)
    with pytest.raises(AlertError):
        lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.other_nurse, note="", now=now)
    assert fresh(alert).state == "open"


def test_a_suspended_nurse_can_not_take_it(people: Cast, now: datetime, alert: Alert) -> None:
    people.nurse.active = False
    people.nurse.save()
    with pytest.raises(AlertError):
        lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)


def test_a_contact_answers_every_sign_until_an_afternoon(people: Cast, now: datetime, alert: Alert) -> None:
    raise_for(people.patient, replace(NUMB, snapshot={"regions": ["numb_other"]}), FEVER, now=now)
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="plan", call_back_by=None, now=now
    )
    alert = fresh(alert)
    assert (alert.state, alert.acked_by_id) == ("acked", people.nurse.pk)
    assert alert.next_step_at == alert.ack_expires_at == now + CONTACT_RESTS
    for key in ("numb", "fever"):
        assert (sign_of(alert, key).ack, sign_of(alert, key).acked_at) == ("contacted", now)
    assert sign_of(alert, "numb").snapshot == {"regions": ["numb_other"]}


def test_an_examination_is_never_taken_back_by_a_call(people: Cast, now: datetime, alert: Alert) -> None:
    for level in ("evaluated", "contacted"):
        lifecycle.record_contact(alert=alert, staff=people.nurse, level=level, note="", call_back_by=None, now=now)
    assert sign_of(alert, "numb").ack == "evaluated"


@pytest.mark.parametrize("level", ["none", "seen", ""])
def test_seen_is_no_contact(people: Cast, now: datetime, alert: Alert, level: str) -> None:
    with pytest.raises(AlertError, match="Choose"):
        lifecycle.record_contact(alert=alert, staff=people.nurse, level=level, note="", call_back_by=None, now=now)


def test_closing_closes_every_sign_and_frees_the_patient(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="rest", now=now + minutes(9))
    alert = fresh(alert)
    assert (alert.state, alert.outcome, alert.resolved_by_id, alert.next_step_at) == (
        "resolved",
        "advised",
        people.nurse.pk,
        None,
    )
    assert sign_of(alert, "numb").resolved_at == now + minutes(9)
    assert status(people.patient)[0] == 90


@pytest.mark.parametrize("outcome", ["", "whatever", "sign_gone"])
def test_a_person_closes_it_only_with_a_real_outcome(
    people: Cast, now: datetime, alert: Alert, outcome: str
) -> None:
    with pytest.raises(AlertError, match="ended"):
        lifecycle.resolve(alert=alert, staff=people.nurse, outcome=outcome, note="", now=now)
    assert fresh(alert).state == "open"


def test_a_closed_alert_stays_closed(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="", now=now)
    late = lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse2, now=now + minutes(1))
    assert (late.won, late.by_name) == (False, "Nora Staff")
    with pytest.raises(AlertError, match="already closed"):
        lifecycle.resolve(alert=alert, staff=people.nurse2, outcome="expected", note="", now=now)
    with pytest.raises(AlertError, match="already closed"):
        lifecycle.record_contact(
            alert=alert, staff=people.nurse2, level="contacted", note="", call_back_by=None, now=now
        )


def test_a_hand_over_tells_the_colleague_and_starts_their_time(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    at = now + minutes(20)
    lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.nurse2, note="bus", now=at)
    assert fresh(alert).acked_by_id == people.nurse2.pk
    assert fresh(alert).next_step_at == at + minutes(30)
    assert told(alert, message="staff_handover") == [f"staff:{people.nurse2.pk}"]


def test_a_hand_over_after_contact_keeps_its_time(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now
    )
    lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.nurse2, note="", now=now + minutes(5))
    assert fresh(alert).next_step_at == now + CONTACT_RESTS


def test_nobody_hands_over_what_nobody_took(people: Cast, now: datetime, alert: Alert) -> None:
    with pytest.raises(AlertError, match="Take this alert first"):
        lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.nurse2, note="", now=now)


def test_a_watch_sign_that_is_gone_closes_its_alert(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, now=now)
    lifecycle.clear_watch_signs(patient=people.patient, present=frozenset(), now=now + minutes(5))
    alert = fresh(alert)
    assert (alert.state, alert.outcome, alert.resolved_by_id) == ("resolved", "sign_gone", None)
    assert status(people.patient)[0] == 90


def test_a_watch_sign_that_stays_keeps_its_alert(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, replace(TIRED, key="RW-03"), now=now)
    lifecycle.clear_watch_signs(patient=people.patient, present=frozenset({"RW-03"}), now=now)
    assert fresh(alert).state == "open"
    assert sign_of(alert, "RW-02").resolved_at == now
    assert sign_of(alert, "RW-03").resolved_at is None


@pytest.mark.parametrize("sign", [NUMB, CHEST])
def test_an_urgent_sign_never_closes_by_itself(people: Cast, now: datetime, sign: lifecycle.SignInput) -> None:
    alert = raise_for(people.patient, sign, TIRED, now=now)
    lifecycle.clear_watch_signs(patient=people.patient, present=frozenset(), now=now + minutes(1))
    alert = fresh(alert)
    assert (alert.state, alert.tier) == ("open", sign.tier)
    assert sign_of(alert, sign.key).resolved_at is None
    assert sign_of(alert, "RW-02").resolved_at is not None


def test_nothing_to_clear_costs_one_statement(people: Cast, now: datetime, django_assert_num_queries) -> None:
    raise_for(people.patient, TIRED, now=now)
    with django_assert_num_queries(1):
        lifecycle.clear_watch_signs(patient=people.patient, present=frozenset({"RW-02"}), now=now)
