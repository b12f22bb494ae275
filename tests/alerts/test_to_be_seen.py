"""A sign that must be examined: by when, what happens when that passes, and when the sign is still there.

Also when a plain contact ends, and by whose plan a sign that cannot wait is paged.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from alerts import lifecycle
from alerts.lifecycle import AlertError, SignInput
from alerts.lifecycle.clock_runs import REST_LEAST, rest_ends
from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from patients.values.wall_clock import to_wall
from tests.alerts.steps import (
    BLADDER,
    CONTACT_RESTS,
    FEVER,
    NUMB,
    fresh,
    minutes,
    raise_for,
    sign_of,
    told,
    what_happened,
)
from tests.people import Cast

HOUR = timedelta(hours=1)
STREAKS = SignInput("site_streaks", "call_doctor_now", seen_within_hours=24)
# Paged as an emergency, although its tier is doctor now.
ER_NOW = SignInput("bladder", "call_doctor_now", seen_within_hours=4, plan_of="call_911")
CHICAGO = ZoneInfo("America/Chicago")


def contact(alert: Alert, people: Cast, now: datetime, level: str = "contacted", **more: Any) -> Alert:
    given = {"note": "Come in today.", "call_back_by": None, **more}
    return lifecycle.record_contact(alert=alert, staff=people.nurse, level=level, now=now, **given)


@pytest.fixture
def alert(people: Cast, now: datetime) -> Alert:
    """An open alert about a bladder that leaks."""
    return raise_for(people.patient, BLADDER, now=now)


@pytest.mark.parametrize(
    ("signs", "hours"), [([BLADDER], 4), ([STREAKS], 24), ([STREAKS, BLADDER], 4), ([FEVER, STREAKS], 24)]
)
def test_without_a_time_the_latest_there_is_counts(
    people: Cast, now: datetime, signs: list[SignInput], hours: int
) -> None:
    alert = contact(raise_for(people.patient, *signs, now=now), people, now)
    assert alert.seen_by == alert.next_step_at == now + hours * HOUR
    assert alert.seen_by_said_by == people.nurse


def test_a_sign_that_needs_no_examination_has_no_such_time(people: Cast, now: datetime) -> None:
    alert = contact(raise_for(people.patient, NUMB, now=now), people, now, seen_by=now + HOUR)
    assert (alert.seen_by, alert.seen_by_said_by, alert.next_step_at) == (None, None, now + CONTACT_RESTS)


@pytest.mark.parametrize("minutes_ahead", [-1, 0, 241, 1440])
def test_a_time_that_cannot_be_is_refused_in_words(
    people: Cast, now: datetime, alert: Alert, minutes_ahead: int
) -> None:
    with pytest.raises(AlertError, match="within 4 hours"):
        contact(alert, people, now, seen_by=now + minutes(minutes_ahead))
    assert fresh(alert).state == "open"


def test_when_the_time_passes_the_alert_opens_again_from_its_first_step(
    people: Cast, now: datetime, alert: Alert
) -> None:
    night = now + 14 * HOUR  # midnight in the clinic: no hour is quiet for this
    contact(alert, people, night, seen_by=night + 2 * HOUR)
    assert advance_due(night + 2 * HOUR - minutes(1)) == 0
    assert advance_due(night + 2 * HOUR) == 1
    alert = fresh(alert)
    assert (alert.state, alert.step, alert.reopened) == ("open", 1, 1)
    assert "not_seen_in_time" in what_happened(alert)
    assert told(alert, key__contains=":c1:r0:s0:")
    # what the patient was told stays on their page
    assert alert.seen_by == night + 2 * HOUR


def test_an_examination_ends_it(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now)
    alert = contact(alert, people, now + HOUR, level="evaluated")
    assert (alert.seen_by, sign_of(alert, "bladder").ack) == (None, "evaluated")
    assert advance_due(now + 4 * HOUR) == 0
    # and a talk after it needs no other one
    assert contact(alert, people, now + 2 * HOUR).seen_by is None


@pytest.mark.parametrize("earlier", ["call_back_by", "next_check_at"])
def test_an_earlier_promise_asks_first(people: Cast, now: datetime, alert: Alert, earlier: str) -> None:
    alert = contact(alert, people, now, **{earlier: now + HOUR})
    assert alert.next_step_at == now + HOUR
    advance_due(now + HOUR)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse2, now=now + 4 * HOUR - minutes(2))
    # who takes it again has no more time than the patient was given
    assert fresh(alert).next_step_at == now + 4 * HOUR
    advance_due(now + 4 * HOUR)
    assert "not_seen_in_time" in what_happened(alert)


def test_a_log_that_still_has_it_tells_whoever_has_the_alert_at_once(
    people: Cast, now: datetime, alert: Alert
) -> None:
    contact(alert, people, now)
    raise_for(people.patient, BLADDER, now=now + HOUR)
    alert = fresh(alert)
    assert (alert.state, alert.acked_by_id, alert.told_again_at) == ("acked", people.nurse.pk, now + HOUR)
    assert alert.next_step_at == now + HOUR + minutes(10)
    assert told(alert, message="staff_still") == [f"staff:{people.nurse.pk}"]
    assert what_happened(alert)[-1] == "still_there"
    # a second log gives no new minutes
    raise_for(people.patient, BLADDER, now=now + HOUR + minutes(5))
    assert fresh(alert).next_step_at == now + HOUR + minutes(10)


def test_ten_minutes_without_an_answer_open_it_again(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now)
    raise_for(people.patient, BLADDER, now=now + HOUR)
    assert advance_due(now + HOUR + minutes(9)) == 0
    assert advance_due(now + HOUR + minutes(10)) == 1
    alert = fresh(alert)
    assert (alert.state, alert.step, alert.told_again_at) == ("open", 1, None)
    assert "still_there_unanswered" in what_happened(alert)


@pytest.mark.parametrize("who", ["nurse", "nurse2"])
def test_taking_it_again_is_an_answer_for_the_plans_minutes(
    people: Cast, now: datetime, alert: Alert, who: str
) -> None:
    contact(alert, people, now)
    raise_for(people.patient, BLADDER, now=now + HOUR)
    at = now + HOUR + minutes(3)
    won = lifecycle.acknowledge(alert_code=alert.code, staff=getattr(people, who), now=at)
    alert = fresh(alert)
    assert (won.won, alert.acked_by_id) == (True, getattr(people, who).pk)
    assert (alert.next_step_at, alert.told_again_at) == (at + minutes(30), None)
    later = lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse2, now=at + minutes(1))
    assert not later.won
    # whoever was told need not be told any more
    mails = Delivery.objects.filter(message="staff_still", channel="email")
    assert list(mails.values_list("state", flat=True)) == ["cancelled"]
    advance_due(at + minutes(30))
    assert "ack_expired" in what_happened(alert)


def test_a_new_contact_or_a_call_is_an_answer(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now)
    raise_for(people.patient, BLADDER, now=now + HOUR)
    lifecycle.record_try(alert=alert, staff=people.nurse, note="", now=now + HOUR + minutes(1))
    assert (fresh(alert).state, fresh(alert).told_again_at) == ("acked", None)
    again = contact(alert, people, now + HOUR + minutes(2))
    assert (again.told_again_at, again.seen_by) == (None, now + HOUR + minutes(2) + 4 * HOUR)


def test_after_an_examination_the_same_sign_only_counts(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now, level="evaluated")
    raise_for(people.patient, BLADDER, now=now + HOUR)
    assert fresh(alert).told_again_at is None
    assert what_happened(alert)[-1] == "folded"


def test_a_worse_one_opens_it_at_once(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now)
    worse = SignInput("bladder", "call_doctor_now", worse=True, seen_within_hours=4)
    raise_for(people.patient, worse, now=now + 2 * HOUR)
    assert (fresh(alert).state, fresh(alert).next_step_at) == ("open", now + 2 * HOUR)


def test_closing_or_handing_over_while_told_again(people: Cast, now: datetime, alert: Alert) -> None:
    contact(alert, people, now)
    raise_for(people.patient, BLADDER, now=now + HOUR)
    given_to = lifecycle.hand_over(
        alert=alert, staff=people.nurse, to_staff=people.nurse2, note="", now=now + HOUR + minutes(1)
    )
    assert fresh(given_to).next_step_at == now + HOUR + minutes(10)
    lifecycle.resolve(alert=alert, staff=people.nurse2, outcome="sent_to_er", note="", now=now + HOUR + minutes(2))
    assert (fresh(alert).state, fresh(alert).told_again_at) == ("resolved", None)


def test_the_database_keeps_both_promises(people: Cast, now: datetime, alert: Alert) -> None:
    for broken in ({"seen_by": now}, {"told_again_at": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**broken)


def test_what_cannot_wait_is_paged_by_the_plan_for_emergencies(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, ER_NOW, now=now)
    assert (alert.tier, alert.plan_tier) == ("call_doctor_now", "call_911")
    assert alert.plan == lifecycle.plan_for(people.clinic.pk, "call_911").to_json()
    advance_due(now)
    # its second step comes after 3 minutes, not after 10
    assert fresh(alert).next_step_at == now + minutes(3)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    assert fresh(alert).next_step_at == now + minutes(10)
    # the same again changes nothing, and an emergency has its own plan already
    raise_for(people.patient, ER_NOW, now=now + minutes(1))
    assert fresh(alert).state == "acked"


def test_an_open_alert_that_cannot_wait_any_more_changes_its_plan(people: Cast, now: datetime) -> None:
    alert = contact(raise_for(people.patient, FEVER, now=now), people, now)
    raise_for(people.patient, FEVER, ER_NOW, now=now + HOUR)
    alert = fresh(alert)
    assert (alert.state, alert.plan_tier, alert.next_step_at) == ("open", "call_911", now + HOUR)
    assert what_happened(alert)[-1] == "upgraded"


@pytest.mark.parametrize(
    ("contact_at", "ends"),
    [
        ("2026-06-10T10:00", "2026-06-11T16:00"),  # Wednesday: Thursday afternoon
        ("2026-06-12T10:00", "2026-06-12T16:00"),  # Friday: the same day
        ("2026-06-12T12:00", "2026-06-12T16:00"),  # exactly four hours
        ("2026-06-12T12:01", "2026-06-14T12:01"),  # less than four hours, then a weekend: it stays at 48 h
        ("2026-06-13T10:00", "2026-06-15T10:00"),  # Saturday: no working afternoon before Monday at 10
        ("2026-06-13T16:00", "2026-06-15T16:00"),  # Monday at 16:00 is the end itself
        ("2026-10-31T17:00", "2026-11-02T16:00"),  # 48 hours over the change of clocks end at 16:00
    ],
)
def test_a_contact_ends_on_the_last_working_afternoon(contact_at: str, ends: str) -> None:
    at = datetime.fromisoformat(contact_at).replace(tzinfo=CHICAGO)
    assert rest_ends(at, 48, CHICAGO) == datetime.fromisoformat(ends).replace(tzinfo=CHICAGO)


@given(
    st.timedeltas(timedelta(), timedelta(days=4000)).map(lambda passed: datetime(2024, 1, 1, tzinfo=UTC) + passed),
    st.floats(12, 72),
    st.sampled_from(["America/Chicago", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"]),
)
def test_it_never_ends_later_than_the_hours_say_nor_before_four(at: datetime, hours: float, name: str) -> None:
    zone = ZoneInfo(name)
    found = rest_ends(at, hours, zone)
    assert at + REST_LEAST <= found <= at + timedelta(hours=hours)
    if found != at + timedelta(hours=hours):
        wall = to_wall(found, zone)
        assert (wall.hour, wall.minute, wall.weekday() < 5) == (16, 0, True)
