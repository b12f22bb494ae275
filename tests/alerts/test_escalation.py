"""Nobody answers: who is told, when, and that it never ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.lifecycle.escalation import ALERTS, advance_due
from alerts.messaging.channels import TemporaryFailure
from alerts.messaging.outbox import claim_due, record
from alerts.models import Alert, AlertEvent, Delivery, EscalationPolicy, OnCallShift
from alerts.policy.plan import Plan, Step
from alerts.sweeping.one_by_one import walk
from patients.models import Staff
from tests.alerts.steps import (
    CHEST,
    CONTACT_RESTS,
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
from tests.people import Cast, make_clinic, make_patient


def on_call(staff: Staff, now: datetime) -> None:
    """A shift around now."""
    OnCallShift.objects.create(
        clinic=staff.clinic, staff=staff, role=staff.role, starts_at=now - minutes(60), ends_at=now + minutes(60)
    )


def ids(*staff: Staff) -> list[str]:
    """As deliveries name them."""
    return [f"staff:{person.pk}" for person in staff]


def test_the_nurse_on_call_is_told_first(people: Cast, now: datetime) -> None:
    on_call(people.nurse2, now)
    alert = raise_for(people.patient, CHEST, now=now)
    assert advance_due(now) == 1
    assert told(alert) == told(alert, "board") == ids(people.nurse2)
    assert (fresh(alert).step, fresh(alert).next_step_at) == (1, now + minutes(3))


def test_a_gap_in_the_roster_reaches_all_nurses_and_is_written_down(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert told(alert) == ids(people.nurse, people.nurse2)
    assert what_happened(alert) == ["opened", "no_one_on_call", "told"]


def test_it_goes_wider_until_everyone_is_told_and_then_repeats(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    for at in (0, 3, 6, 10, 15):
        assert advance_due(now + minutes(at) - timedelta(seconds=1)) == 0
        assert advance_due(now + minutes(at)) == 1
    nurses, everyone = (
        ids(people.nurse, people.nurse2),
        ids(people.nurse, people.nurse2, people.physician, people.manager),
    )
    assert told(alert) == nurses + nurses + ids(people.physician) + everyone + everyone
    assert (fresh(alert).round, fresh(alert).step) == (2, 3)


def test_an_early_tick_does_nothing(people: Cast, now: datetime) -> None:
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert advance_due(now) == 0


def test_a_watch_alert_only_shows_on_the_board(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, now=now)
    advance_due(now)
    advance_due(now + timedelta(hours=24))
    assert told(alert) == []
    assert len(told(alert, "board")) == 4


def test_a_taken_alert_pages_nobody_until_its_time_runs_out(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    advance_due(now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + minutes(1))
    assert advance_due(now + minutes(30)) == 0
    at = now + minutes(31)
    assert advance_due(at) == 1
    alert = fresh(alert)
    assert (alert.state, alert.acked_by_id, alert.step, alert.clock_started_at) == ("open", None, 1, at)
    assert told(alert, key__contains=":c1:") == ids(people.nurse, people.nurse2)
    assert status(people.patient) == (20, at, "P2")
    assert sign_of(alert, "numb").ack == "seen"


def test_a_contact_that_nobody_followed_up_comes_back_on_the_last_afternoon(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now
    )
    assert advance_due(now + CONTACT_RESTS - minutes(1)) == 0
    assert advance_due(now + CONTACT_RESTS) == 1
    assert fresh(alert).state == "open"


def test_the_clinics_own_policy_is_used_and_kept_while_the_alert_runs(people: Cast, now: datetime) -> None:
    own = Plan((Step(0, "person", people.manager.pk, ("email",)), Step(7, "physician")), 9, 12)
    lifecycle.save_plan(people.clinic, "call_911", own)
    alert = raise_for(people.patient, CHEST, now=now)
    lifecycle.save_plan(people.clinic, "call_911", Plan((Step(0, "everyone"),), 1, 1))
    advance_due(now)
    assert told(alert) == ids(people.manager)
    assert told(alert, "board") == []
    assert fresh(alert).next_step_at == now + minutes(7)
    assert lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now).won
    assert fresh(alert).next_step_at == now + minutes(12)


def test_a_new_clinic_gets_policies_of_its_own_once(people: Cast, now: datetime) -> None:
    lifecycle.create_default_policies(people.clinic)
    EscalationPolicy.objects.filter(clinic=people.clinic, tier="call_911").update(repeat_minutes=7)
    lifecycle.create_default_policies(people.clinic)
    assert lifecycle.plan_for(people.clinic.pk, "call_911").repeat_minutes == 7
    assert [step.audience for step in lifecycle.plan_for(people.clinic.pk, "call_doctor_now").steps] == [
        "nurse_on_call",
        "all_nurses",
        "physician",
    ]


def test_a_step_that_reaches_nobody_is_skipped_at_once(people: Cast, now: datetime) -> None:
    Staff.objects.filter(clinic=people.clinic, role="nurse").update(active=False)
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert told(alert) == ids(people.physician)
    assert what_happened(alert).count("step_empty") == 2
    assert (fresh(alert).step, fresh(alert).next_step_at) == (3, now + minutes(4))


def test_a_plan_for_people_who_left_falls_back_to_whoever_there_is(people: Cast, now: datetime) -> None:
    plan = Plan((Step(0, "person", people.nurse.pk, ("email",)),), 5, 10)
    lifecycle.save_plan(people.clinic, "call_911", plan)
    alert = raise_for(people.patient, CHEST, now=now)
    Staff.objects.filter(clinic=people.clinic, role="nurse").update(active=False)
    advance_due(now)
    assert told(alert) == ids(people.physician)
    assert "nobody_reachable" in what_happened(alert)
    Staff.objects.filter(pk=people.physician.pk).update(active=False)
    advance_due(now + minutes(5))
    assert told(alert)[1:] == ids(people.manager)


def test_a_clinic_where_nobody_works_stays_armed_and_says_so(db: None, now: datetime) -> None:
    alert = raise_for(make_patient(make_clinic()), CHEST, now=now)
    assert advance_due(now) == 1
    assert Delivery.objects.count() == 0
    assert "nobody_reachable" in what_happened(alert)
    assert fresh(alert).next_step_at == now + minutes(5)
    assert advance_due(now + minutes(5)) == 1


def test_an_alert_whose_plan_can_not_be_read_uses_the_default(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    Alert.objects.filter(pk=alert.pk).update(plan={"steps": "?"})
    advance_due(now)
    assert told(alert) == ids(people.nurse, people.nurse2)


def test_without_a_given_time_the_databases_clock_decides(people: Cast, now: datetime) -> None:
    due = raise_for(people.patient, CHEST, now=now)
    far = raise_for(people.other_patient, CHEST, now=now + timedelta(days=3650))
    assert Alert.objects.count() == 2
    advance_due()
    assert (fresh(due).step, fresh(far).step) == (1, 0)


@pytest.mark.parametrize("count", [1, 5])
def test_the_number_of_statements_does_not_grow_with_the_alerts(
    people: Cast, now: datetime, count: int, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        raise_for(make_patient(people.clinic), CHEST, now=now)
    with django_assert_max_num_queries(13):
        assert advance_due(now) == count


@pytest.fixture
def late_and_red(people: Cast, now: datetime) -> Alert:
    """A 911 that is due now, of a clinic that has an older step due; other clinics have older ones too."""
    raise_for(people.patient, NUMB, now=now - minutes(30))
    for number in range(3):
        raise_for(make_patient(make_clinic(f"Clinic {number}")), NUMB, now=now - minutes(20))
    return raise_for(make_patient(people.clinic), CHEST, now=now)


def test_among_the_steps_of_one_round_911_is_told_first(late_and_red: Alert, now: datetime) -> None:
    assert advance_due(now) == 5
    assert AlertEvent.objects.filter(what="told").order_by("id")[0].alert == late_and_red


def test_when_a_round_cannot_take_all_it_takes_911_first(late_and_red: Alert, now: datetime) -> None:
    assert walk(replace(ALERTS, at_once=1), now, most=1) == 1
    assert AlertEvent.objects.get(what="told").alert == late_and_red


def test_a_911_page_is_tried_for_half_an_hour_and_not_longer(people: Cast, now: datetime) -> None:
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    seen = []
    for at in (1.5, 29, 30):
        for row in claim_due(now + minutes(at), limit=1):
            record(row, TemporaryFailure("busy"), now + minutes(at))
            row.refresh_from_db()
            seen.append((at, row.state))
    assert seen == [(1.5, "pending"), (29, "pending"), (30, "dead")]
