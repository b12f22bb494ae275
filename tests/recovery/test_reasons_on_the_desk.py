"""Why somebody stands on the list is said in facts, and the same on the list, the chart and each action's page."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.models import AlertSign, Delivery
from patients.templatetags.kypho import day_and_clock
from recovery.desk.alert.alert_history import together
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import Send
from tests.recovery.desk import WORKLIST, action, alert_of, chart


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


HURTS = {"pain_move": 5, "back_change": "worse"}


@pytest.fixture
def risen(people: Cast, send: Send) -> str:
    """Pain that went up since yesterday, and the reason every screen of the desk gives for it."""
    people.procedure.baseline_pain = 8
    people.procedure.ended_at = timezone.now() - timedelta(hours=40)
    people.procedure.save()
    yesterday = timezone.now() - timedelta(hours=20)
    send(now=yesterday, answered_at=yesterday)
    send(HURTS)
    return "Pain on moving 2 → 5 since yesterday (before the procedure 8)."


def test_list_alert_and_every_page_of_an_action_give_the_same_worded_reason(
    people: Cast, nurse: Client, risen: str
) -> None:
    alert = alert_of(people.patient)
    for address in (WORKLIST, chart(people.patient), action(alert, "contact"), action(alert, "resolve")):
        page = text(nurse.get(address))
        assert risen in page, address
        assert "pain 5 of 10" not in page, address


def test_a_reason_of_another_day_says_of_which(people: Cast, nurse: Client, risen: str) -> None:
    told_at = timezone.now() - timedelta(days=2)
    AlertSign.objects.update(last_seen_at=told_at)
    day = day_and_clock(told_at.astimezone(ZoneInfo(people.clinic.timezone)))
    assert f"{day}: {risen}" in text(nurse.get(WORKLIST))


@pytest.mark.slow
def test_words_that_were_heard_stand_on_the_list_escaped_and_bounded(
    people: Cast, send: Send, nurse: Client
) -> None:
    send({"notes": "Since the morning <b>my chest hurts</b> a lot " + "so very " * 90 + "much"})
    for address in (WORKLIST, chart(people.patient), action(alert_of(people.patient), "contact")):
        page = text(nurse.get(address))
        assert "&lt;b&gt;my chest hurts&lt;/b&gt;" in page
        assert "<b>my chest" not in page
    assert len(alert_of(people.patient).signs.get().reason) < 260


def test_nothing_that_was_written_or_measured_leaves_in_a_message(people: Cast, send: Send, risen: str) -> None:
    send({**HURTS, "notes": "my chest hurts"})
    advance_due(timezone.now())
    assert Delivery.objects.exists()
    for row in Delivery.objects.all():
        sent = json.dumps([row.context, row.key, row.message])
        assert "chest" not in sent
        assert "Pain" not in sent


def test_what_two_reasons_say_alike_stands_once_and_nothing_is_lost() -> None:
    pain = "Pain on moving 2 → 6 since yesterday (before the procedure not known)."
    assert together([pain, f"Not greatly reduced, 48 h after the procedure. {pain}", "Fever: 100.6 °F."]) == (
        f"{pain} Not greatly reduced, 48 h after the procedure. Fever: 100.6 °F."
    )
    assert together(["Cut short, becau…", "Wrote: “hurts. A lot”."]) == "Cut short, becau… Wrote: “hurts. A lot”."
    assert together([]) == ""
