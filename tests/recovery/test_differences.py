"""Phone and server disagree: the more urgent counts, the nurse reads it, and the days are counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from recovery.selectors import differences
from recovery.wording.difference import difference
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.conftest import NUMB, Send

AGREED = {"phone_rulebook": "f" * 64, "phone_facts": "abc"}


@pytest.mark.parametrize(
    ("phone_tier", "phone_fired", "found"),
    [
        ("watch", ["RW-01"], ""),
        ("watch", None, ""),
        ("watch", ["RW-02"], "rules"),
        ("watch", [], "rules"),
        ("call_911", ["R911-01"], "phone_worse"),
        ("on_track", [], "server_worse"),
        ("", None, ""),
        ("unheard of", [], ""),
    ],
)
def test_a_difference_has_one_of_three_kinds(phone_tier: str, phone_fired: Any, found: str) -> None:
    assert difference("watch", ["RW-01"], phone_tier, phone_fired) == found


def test_a_phone_that_judged_worse_counts_and_one_that_judged_less_does_not(send: Send) -> None:
    worse = send(phone_tier="call_doctor_now", phone_fired=["RDN-01"], **AGREED).assessment
    less = send(NUMB, phone_tier="on_track", phone_fired=[], **AGREED).assessment
    assert worse
    assert less
    assert (worse.tier, worse.difference) == ("call_doctor_now", "phone_worse")
    assert (less.tier, less.difference) == ("call_doctor_now", "server_worse")
    assert (less.phone_facts, less.phone_fired) == ("abc", [])


def test_the_last_seven_days_are_counted_by_kind_and_clinic(send: Send, people: Cast) -> None:
    now = timezone.now()
    send(phone_tier="watch", phone_fired=["RW-01"], **AGREED)
    send(NUMB, phone_tier="on_track", phone_fired=[], **AGREED)
    send(phone_tier="watch", now=now - timedelta(days=8))
    assert differences(now) == {"phone_worse": 1, "server_worse": 1, "rules": 0}
    assert differences(now, people.clinic) == differences(now)
    assert sum(differences(now, people.other_clinic).values()) == 0
    people.clinic.is_canary = True
    people.clinic.save()
    assert sum(differences(now).values()) == 0


@override_settings(STAFF_SECOND_FACTOR=False)
@pytest.mark.slow
def test_the_chart_and_the_rule_book_page_say_so(client: Client, people: Cast, send: Send) -> None:
    send(NUMB, phone_tier="on_track", phone_fired=[], **AGREED)
    client.force_login(people.nurse.user)
    chart = text(client.get(reverse("recovery:chart", args=[people.patient.code])))
    said = (
        "The phone judged “On track” with rule book ffffffff (another one); the server judged “Call doctor now”."
    )
    assert said in chart
    page = text(client.get(reverse("recovery:rules")))
    assert "1 × the server judged more urgent" in page


@override_settings(STAFF_SECOND_FACTOR=False)
def test_the_chart_says_nothing_when_both_agree(client: Client, people: Cast, send: Send) -> None:
    sent = send(phone_tier="on_track", phone_fired=[], **AGREED).assessment
    assert sent
    assert sent.difference == ""
    client.force_login(people.nurse.user)
    assert "The phone judged" not in text(client.get(reverse("recovery:chart", args=[people.patient.code])))
