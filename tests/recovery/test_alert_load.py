"""How often nurses are called (H8): never in a textbook course, rarely for what stays, once for many signs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts import lifecycle
from alerts.lifecycle.clock_runs import REST_LEAST
from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery
from patients.models import Procedure
from recovery.journey import actions
from tests.people import Cast
from tests.recovery.conftest import Send

RASH = {"rash": "yes"}


@pytest.fixture
def start(people: Cast) -> datetime:
    """The procedure ended six weeks ago, with pain of 8 before it."""
    start = timezone.now() - timedelta(days=43)
    Procedure.objects.filter(pk=people.procedure.pk).update(
        ended_at=start, baseline_pain=8, baseline_walk_level="outside", otc_pain_ok=True
    )
    people.procedure.refresh_from_db()
    return start


def pages() -> int:
    """Messages to staff that leave the screen."""
    return Delivery.objects.filter(message="staff_alert").exclude(channel="board").count()


def textbook(day: int) -> dict[str, Any]:
    """A good course: each pain falls, walking grows, the needle spot is well after three weeks."""
    return {
        "pain_move": max(0, 4 - day // 2),
        "pain_rest": max(0, 3 - day // 2),
        "pain_site": max(0, 3 - day // 3),
        "walk_level": "house" if day < 4 else "outside",
        "pain_meds": ["acetaminophen"] if day < 5 else ["none"],
        "apap_total_mg": 1500 if day < 5 else None,
    }


@pytest.mark.slow
def test_a_textbook_recovery_of_six_weeks_calls_nobody(start: datetime, send: Send) -> None:
    for day in range(1, 43):
        now = start + timedelta(days=day)
        judged = send(textbook(day), now=now).assessment
        assert judged
        assert judged.tier == "on_track", day
        advance_due(now)
    assert not Alert.objects.exists()
    assert pages() == 0


@pytest.mark.slow
def test_what_stays_and_was_talked_about_calls_at_most_once_a_day(
    people: Cast, start: datetime, send: Send
) -> None:
    """Told three times a day for eight days, and answered each time: a contact counts for 48 hours, or until the
    afternoon of a working day before, so that nobody is paged in the night. 24 logs are at most eight calls.
    """
    called = []
    for eight_hours in range(24):
        now = start + timedelta(days=5, hours=8 * eight_hours)
        advance_due(now - timedelta(minutes=1))
        send({**textbook(5), **RASH}, now=now)
        advance_due(now)
        alert = Alert.objects.get()
        if alert.state == Alert.State.OPEN:
            called.append(now)
            code, later = alert.code, now + timedelta(minutes=2)
            actions.acknowledge(staff=people.nurse, code=code, now=later)
            told: dict[str, Any] = {"level": "contacted", "note": "Known.", "call_back_by": None}
            lifecycle.record_contact(alert=alert, staff=people.nurse, now=later, **told)
    assert 4 <= len(called) <= 8
    assert all(two - one >= REST_LEAST for one, two in zip(called, called[1:], strict=False))


def test_four_urgent_signs_in_one_log_are_one_call(people: Cast, start: datetime, send: Send) -> None:
    now = start + timedelta(days=5)
    many = {"fever_feel": "yes", "nerve_gate": "some", "numb": "yes", "weak": "yes", "weak_stand": "hard"}
    send({**textbook(5), **RASH, **many}, now=now)
    advance_due(now)
    assert Alert.objects.get().signs.count() >= 4
    assert Delivery.objects.filter(recipient=f"staff:{people.nurse.pk}", channel="email").count() == 1
