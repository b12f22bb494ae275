"""Snoozing a watch item: with a reason, for at most a week, and any rise ends it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.lifecycle import AlertError, ranking
from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from tests.alerts.steps import CHEST, NUMB, SILENT, TIRED, fresh, minutes, raise_for, status, told, what_happened
from tests.people import Cast, make_mobile

DAY = timedelta(days=1)


@pytest.fixture
def alert(people: Cast, now: datetime) -> Alert:
    """A watch item snoozed for two days."""
    found = raise_for(people.patient, TIRED, now=now)
    advance_due(now)
    return snooze(found, people, now, now + 2 * DAY)


def snooze(alert: Alert, people: Cast, now: datetime, until: datetime, reason: str = "Visit on Friday") -> Alert:
    return lifecycle.snooze(alert=alert, staff=people.nurse, until=until, reason=reason, now=now)


def test_it_says_who_until_when_and_why_and_stands_apart(people: Cast, now: datetime, alert: Alert) -> None:
    alert = fresh(alert)
    assert (alert.acked_by, alert.snoozed_until, alert.snooze_reason) == (
        people.nurse,
        now + 2 * DAY,
        "Visit on Friday",
    )
    assert status(people.patient)[0] == ranking.SNOOZED
    assert advance_due(now + 2 * DAY - minutes(1)) == 0


def test_it_comes_back_when_its_time_is_over(people: Cast, now: datetime, alert: Alert) -> None:
    assert advance_due(now + 2 * DAY) == 1
    alert = fresh(alert)
    assert (alert.state, alert.snoozed_until, alert.snooze_reason) == ("open", None, "")
    assert "snooze_ended" in what_happened(alert)
    assert status(people.patient)[0] == ranking.WATCH


@pytest.mark.parametrize(
    ("signs", "priority"),
    [
        ((replace(TIRED, worse=True),), "P4"),
        ((TIRED, replace(TIRED, key="RW-05")), "P4"),
        ((TIRED, SILENT), "P4"),
        ((TIRED,), "P3"),
        ((TIRED, NUMB), "P2"),
        ((CHEST,), "P0"),
    ],
    ids=["worse", "a new sign", "silence", "a higher priority", "a higher tier", "an emergency"],
)
def test_any_rise_ends_it_at_once(
    people: Cast, now: datetime, alert: Alert, signs: tuple[lifecycle.SignInput, ...], priority: str
) -> None:
    raise_for(people.patient, *signs, now=now + minutes(5), priority=priority)
    alert = fresh(alert)
    assert (alert.state, alert.snoozed_until, alert.next_step_at) == ("open", None, now + minutes(5))


def test_the_same_again_only_folds_in(people: Cast, now: datetime, alert: Alert) -> None:
    raise_for(people.patient, TIRED, now=now + minutes(5))
    assert fresh(alert).snoozed_until == now + 2 * DAY


def test_a_sign_that_is_gone_closes_it(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.clear_watch_signs(patient=people.patient, present=frozenset(), now=now + minutes(5))
    assert (fresh(alert).state, fresh(alert).outcome) == ("resolved", "sign_gone")


def test_a_contact_or_an_outcome_ends_it(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="x", call_back_by=None, now=now
    )
    assert fresh(alert).snoozed_until is None
    snooze(alert, people, now, now + DAY)
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="expected", note="x", now=now)
    assert fresh(alert).snoozed_until is None


def test_a_hand_over_keeps_the_time(people: Cast, now: datetime, alert: Alert) -> None:
    lifecycle.hand_over(alert=alert, staff=people.nurse, to_staff=people.nurse2, note="", now=now + minutes(5))
    assert fresh(alert).next_step_at == now + 2 * DAY


@pytest.mark.parametrize("sign", [NUMB, CHEST], ids=["doctor now", "911"])
def test_nothing_urgent_can_be_put_off(people: Cast, now: datetime, sign: lifecycle.SignInput) -> None:
    alert = raise_for(people.patient, sign, now=now)
    with pytest.raises(AlertError, match="Only watch items"):
        snooze(alert, people, now, now + DAY)
    assert fresh(alert).state == "open"


@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [(7 * DAY + minutes(1), "x", "next 7 days"), (minutes(0), "x", "next 7 days"), (DAY, "  ", "why it can wait")],
)
def test_a_snooze_is_short_and_has_a_reason(
    people: Cast, now: datetime, until: timedelta, reason: str, words: str
) -> None:
    alert = raise_for(people.patient, TIRED, now=now)
    with pytest.raises(AlertError, match=words):
        snooze(alert, people, now, now + until, reason)


def test_watch_never_pages_whatever_happens_to_it_in_ten_days(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, TIRED, SILENT, now=now)
    for hours in range(0, 240, 6):
        at = now + timedelta(hours=hours)
        advance_due(at)
        if hours == 24:
            lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=at)
        if hours == 120:
            snooze(alert, people, at, at + DAY)
    pages = Delivery.objects.filter(alert=alert).exclude(channel="board")
    assert list(pages) == []
    assert what_happened(alert).count("told") >= 4


def test_a_call_that_reached_nobody_does_not_bring_it_back_early(people: Cast, now: datetime) -> None:
    found = raise_for(people.patient, TIRED, now=now)
    lifecycle.record_contact(
        alert=found, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now
    )
    snooze(found, people, now, now + 6 * DAY)
    lifecycle.record_try(alert=found, staff=people.nurse, note="", now=now + minutes(5))
    assert fresh(found).next_step_at == now + 6 * DAY


def test_handing_it_over_pages_nobody(people: Cast, now: datetime, alert: Alert) -> None:
    make_mobile(people.nurse2, "+13125550111")
    lifecycle.hand_over(alert=alert, to_staff=people.nurse2, staff=people.nurse, note="", now=now)
    assert told(alert, message="staff_handover") == [f"staff:{people.nurse2.pk}"]
    assert told(alert, "sms") == []
