"""Opening, folding in and upgrading."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import lifecycle
from alerts.models import Alert, AlertSign
from alerts.policy.plan import DEFAULT_PLANS
from tests.alerts.steps import (
    CHEST,
    FEVER,
    NUMB,
    TIRED,
    fresh,
    minutes,
    raise_for,
    sign_of,
    status,
    what_happened,
)
from tests.people import Cast


def test_a_first_sign_opens_an_alert_that_is_due_at_once(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    assert (alert.state, alert.tier, alert.next_step_at) == ("open", "call_doctor_now", now)
    assert alert.plan["ack_minutes"] == 30
    assert status(people.patient) == (20, now, "P2")
    assert what_happened(alert) == ["opened"]


def test_the_same_sign_again_counts_in_the_same_alert(people: Cast, now: datetime) -> None:
    first = raise_for(people.patient, NUMB, now=now)
    later = now + minutes(30)
    second = raise_for(people.patient, replace(NUMB, snapshot={"regions": ["numb_other"]}), now=later)
    row = sign_of(first, "numb")
    assert second.pk == first.pk
    assert (row.occurrences, row.last_seen_at, row.latest) == (2, later, {"regions": ["numb_other"]})
    assert row.snapshot == {"regions": ["numb_legs"]}
    assert fresh(first).next_step_at == now
    assert what_happened(first) == ["opened", "folded"]


def test_a_higher_tier_restarts_the_clock_with_its_own_plan(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    Alert.objects.filter(pk=alert.pk).update(step=2, next_step_at=now + minutes(10))
    later = now + minutes(12)
    raise_for(people.patient, NUMB, CHEST, now=later)
    alert = fresh(alert)
    assert (alert.tier, alert.step, alert.reopened, alert.next_step_at) == ("call_911", 0, 1, later)
    assert alert.plan["ack_minutes"] == 10
    assert status(people.patient) == (0, later, "P0")
    assert what_happened(alert)[-1] == "upgraded"


def test_a_lower_tier_never_lowers_an_alert(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    raise_for(people.patient, TIRED, now=now + minutes(5))
    alert = fresh(alert)
    assert (alert.tier, alert.priority, alert.next_step_at) == ("call_911", "P0", now)
    raise_for(people.patient, replace(CHEST, tier="watch"), now=now + minutes(6))
    assert sign_of(alert, "em_chest_pain").tier == "call_911"


def test_the_same_sign_while_taken_leaves_it_with_the_person(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + minutes(1))
    raise_for(people.patient, NUMB, now=now + minutes(2))
    alert = fresh(alert)
    assert (alert.state, alert.acked_by_id) == ("acked", people.nurse.pk)
    assert sign_of(alert, "numb").ack == "seen"


@pytest.mark.parametrize("again", [replace(NUMB, worse=True), FEVER, CHEST], ids=["worse", "new", "higher"])
def test_worse_or_new_while_taken_asks_everybody_again(
    people: Cast, now: datetime, again: lifecycle.SignInput
) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + minutes(1))
    later = now + minutes(2)
    raise_for(people.patient, again, now=later)
    alert = fresh(alert)
    assert (alert.state, alert.acked_by_id, alert.next_step_at, alert.step) == ("open", None, later, 0)
    assert sign_of(alert, again.key).ack == AlertSign.Ack.NONE
    assert status(people.patient)[1] == later


@pytest.mark.parametrize(
    ("sign", "state"),
    [(CHEST, "open"), (replace(NUMB, fresh=True), "open"), (NUMB, "acked"), (replace(TIRED, fresh=True), "acked")],
    ids=["emergency", "always fresh", "known", "watch"],
)
def test_what_was_talked_about_is_quiet_unless_no_answer_covers_it(
    people: Cast, now: datetime, sign: lifecycle.SignInput, state: str
) -> None:
    alert = raise_for(people.patient, sign, now=now)
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now
    )
    raise_for(people.patient, sign, now=now + minutes(600))
    assert fresh(alert).state == state
    assert sign_of(alert, sign.key).ack == ("none" if state == "open" else "contacted")


def test_worse_while_waiting_brings_the_next_step_forward(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    Alert.objects.filter(pk=alert.pk).update(step=1, next_step_at=now + minutes(10))
    later = now + minutes(2)
    raise_for(people.patient, replace(NUMB, worse=True), now=later)
    alert = fresh(alert)
    assert (alert.step, alert.next_step_at, alert.reopened) == (1, later, 0)


def test_a_watch_sign_alone_waits_at_its_place_and_pages_nobody(people: Cast, now: datetime) -> None:
    lifecycle.save_plan(people.clinic, "watch", DEFAULT_PLANS["call_911"])  # no row may change that
    alert = raise_for(people.patient, TIRED, now=now)
    assert {name for step in alert.plan["steps"] for name in step["channels"]} == {"board"}
    assert status(people.patient) == (61, now, "P4")


def test_a_watch_alert_becomes_urgent_when_its_sign_does(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, now=now)
    raise_for(people.patient, replace(TIRED, tier="call_doctor_now"), now=now + minutes(1))
    alert = fresh(alert)
    assert (alert.tier, alert.plan["ack_minutes"]) == ("call_doctor_now", 30)


def test_a_closed_alert_never_hides_a_new_report(people: Cast, now: datetime) -> None:
    first = raise_for(people.patient, NUMB, now=now)
    lifecycle.resolve(alert=first, staff=people.nurse, outcome="advised", note="", now=now + minutes(5))
    second = raise_for(people.patient, NUMB, now=now + minutes(6))
    assert second.pk != first.pk
    assert second.state == "open"


def test_an_alert_without_a_named_sign_still_opens(people: Cast, now: datetime) -> None:
    alert = lifecycle.raise_alert(patient=people.patient, tier="call_doctor_now", priority="", signs=[], now=now)
    assert sign_of(alert, "unreadable").tier == "call_doctor_now"


def test_a_tier_that_no_sign_explains_has_a_sign_of_its_own(people: Cast, now: datetime) -> None:
    for _ in range(2):
        alert = lifecycle.raise_alert(
            patient=people.patient, tier="call_doctor_now", priority="P2", signs=[TIRED], now=now
        )
    assert alert.tier == sign_of(alert, "unreadable").tier == "call_doctor_now"
    assert sign_of(alert, "unreadable").occurrences == 1
    lifecycle.clear_watch_signs(patient=people.patient, present=frozenset(), now=now)
    assert fresh(alert).state == "open"


def test_a_sign_named_by_two_rules_counts_once(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, replace(FEVER, tier="watch"), FEVER, now=now)
    assert sign_of(alert, "fever").tier == "call_doctor_now"


def test_it_needs_few_statements(people: Cast, now: datetime) -> None:
    with CaptureQueriesContext(connection) as opening:
        lifecycle.raise_alert(patient=people.patient, tier="call_911", priority="P0", signs=[CHEST], now=now)
    with CaptureQueriesContext(connection) as folding:
        lifecycle.raise_alert(
            patient=people.patient, tier="call_911", priority="P0", signs=[CHEST, NUMB, TIRED], now=now
        )
    assert len(opening) <= 7  # one asks whether the clinic has systems to tell
    assert len(folding) <= 7
