"""Snoozing a watch item, from the page: a reason, a day, and its own quiet place on the list."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import NUMB, Send
from tests.recovery.desk import action, alert_of, chart


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


@pytest.fixture
def alert(people: Cast, send: Send) -> Alert:
    """A watch item."""
    send({"back_stiff": "new_or_worse"})
    found = alert_of(people.patient)
    assert found.tier == "watch"
    return found


def test_it_stands_apart_with_who_until_when_and_why(people: Cast, alert: Alert, nurse: Client) -> None:
    assert "Snooze" in text(nurse.get(chart(people.patient)))
    answer = nurse.post(action(alert, "snooze"), {"days": "3", "reason": "Sees Dr. Cole on Friday"}, follow=True)
    assert "It comes back at once if anything gets worse." in text(answer)
    until = Alert.objects.get().snoozed_until
    assert until
    local = until.astimezone(ZoneInfo(people.clinic.timezone))
    assert (local.hour, local.minute) == (7, 0)
    assert local.date() == timezone.now().astimezone(ZoneInfo(people.clinic.timezone)).date() + timedelta(days=3)
    page = text(nurse.get("/desk/"))
    assert "Snoozed for now" in page
    assert "Nora Staff: snoozed" in page
    assert "Sees Dr. Cole on Friday" in page


def test_a_worse_log_brings_it_back(people: Cast, alert: Alert, nurse: Client, send: Send) -> None:
    nurse.post(action(alert, "snooze"), {"days": "7", "reason": "x"})
    send({"back_stiff": "new_or_worse", **NUMB})
    assert "Waiting for an answer" in text(nurse.get("/desk/"))
    assert Alert.objects.get().snoozed_until is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"days": "", "reason": "kept"}, "Choose how long it can wait."),
        ({"days": "8", "reason": "kept"}, "not one of the available choices"),
        ({"days": "1", "reason": ""}, "Write why it can wait."),
        ({"days": "1", "reason": "x" * 201}, "at most 200"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_stays(
    alert: Alert, nurse: Client, typed: dict[str, str], words: str
) -> None:
    answer = nurse.post(action(alert, "snooze"), typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert typed["reason"] in text(answer)
    assert Alert.objects.get().snoozed_until is None


def test_another_clinic_can_not(alert: Alert, people: Cast) -> None:
    answer = signed_in(people.other_nurse).post(action(alert, "snooze"), {"days": "1", "reason": "x"})
    assert answer.status_code == 404
