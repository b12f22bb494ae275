"""Receipts from the provider: signed, forward only, and never an answer to an alert."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts.lifecycle import acknowledge, save_plan
from alerts.lifecycle.escalation import advance_due
from alerts.messaging.channels.twilio import signature
from alerts.models import Alert, AlertEvent, Delivery
from alerts.monitoring.promises.messages import MESSAGES
from alerts.monitoring.sweep import sweep
from alerts.policy.plan import Plan, Step
from patients.models import ContactMethod
from tests.alerts.steps import CHEST, fresh, minutes, raise_for, what_happened
from tests.people import Cast, make_mobile
from tests.simulator import TOKEN, Simulator
from tests.waiting import until

MOBILE = "+13125550111"
STATUS = "/hooks/sms/status/"


@pytest.fixture
def alert(people: Cast, settings: Any) -> Alert:
    """An alert whose first step is an SMS to the nurse."""
    settings.SMS_TOKEN = TOKEN
    make_mobile(people.nurse, MOBILE)
    steps = (Step(0, "person", people.nurse.pk, ("sms",), "Nora"), Step(10, "physician"))
    save_plan(people.clinic, "call_911", Plan(steps, 5, 10))
    return raise_for(people.patient, CHEST, now=timezone.now())


@pytest.fixture
def page(alert: Alert) -> Delivery:
    """Her SMS, handed to the provider."""
    advance_due()
    found = Delivery.objects.get(alert=alert, channel="sms")
    change(found, state="sent", provider_id="SM1", sent_at=timezone.now(), attempts=1)
    return found


def change(row: Delivery, **fields: Any) -> None:
    Delivery.objects.filter(pk=row.pk).update(**fields)


def receipt(row: Delivery, state: str, sid: str = "SM1", token: str = TOKEN, **more: str) -> int:
    """What the provider posts; our status."""
    path = f"{STATUS}?key={quote(row.key, safe='')}"
    form = {"MessageSid": sid, "MessageStatus": state, "To": MOBILE, **more}
    signed = signature(f"http://testserver{path}", form.items(), token)
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in form.items())
    kind = "application/x-www-form-urlencoded"
    return Client().post(path, body, content_type=kind, headers={"X-Twilio-Signature": signed}).status_code


def due(alert: Alert) -> bool:
    """Is it somebody else's turn?"""
    at = fresh(alert).next_step_at
    return at is not None and at <= timezone.now()


def state_of(row: Delivery) -> str:
    return str(Delivery.objects.get(pk=row.pk).state)


def test_a_receipt_moves_a_delivery_forward_and_nothing_else(page: Delivery, alert: Alert) -> None:
    before = Alert.objects.filter(pk=alert.pk).values().get()
    for state, expected in (("queued", "sent"), ("delivered", "delivered"), ("sent", "delivered")):
        assert receipt(page, state) == 204
        assert state_of(page) == expected
    for state in ("failed", "undelivered", "delivered", "read"):
        receipt(page, state)
        assert state_of(page) == "delivered"
    assert Alert.objects.filter(pk=alert.pk).values().get() == before


def test_a_failed_receipt_brings_the_next_step_forward_and_marks_the_number(
    page: Delivery, alert: Alert, people: Cast
) -> None:
    assert receipt(page, "undelivered", ErrorCode="30005") == 204
    row = Delivery.objects.get(pk=page.pk)
    assert (row.state, row.error) == ("dead", "the number is unknown or no longer in use (30005)")
    assert due(alert)
    assert (fresh(alert).state, "delivery_dead" in what_happened(alert)) == ("open", True)
    method = ContactMethod.objects.get(user=people.nurse.user)
    assert method.last_error == row.error
    assert receipt(page, "delivered") == 204
    assert state_of(page) == "dead"
    assert AlertEvent.objects.filter(alert=alert, what="delivery_dead").count() == 1


@pytest.mark.parametrize("code", ["30034", "30002", "30001", "30023", "30007", "99999"])
def test_a_failure_of_ours_is_told_and_tried_anew_and_marks_no_number(
    page: Delivery, alert: Alert, people: Cast, code: str
) -> None:
    receipt(page, "undelivered", ErrorCode=code)
    method = ContactMethod.objects.get(user=people.nurse.user)
    assert (method.last_failed_at, method.last_error, due(alert)) == (None, "", True)
    anew = Delivery.objects.get(key=f"{page.key}:again:1")
    assert (anew.state, anew.channel, anew.recipient, anew.alert) == ("pending", "sms", page.recipient, alert)
    assert anew.due_at > timezone.now() + timedelta(seconds=20)
    found = next(promise for promise in MESSAGES if promise.key == "providers-let-us-in")
    assert [one.ref for one in found.ask(timezone.now()).offenders] == [str(anew.pk)]


def test_what_nobody_explains_is_tried_anew_at_growing_distances_and_told_to_nobody(
    page: Delivery, people: Cast
) -> None:
    for number, key in enumerate((page.key, f"{page.key}:again:1", f"{page.key}:again:2")):
        row = Delivery.objects.get(key=key)
        change(row, state="sent", provider_id=f"SM{number + 1}", sent_at=timezone.now(), attempts=1)
        receipt(Delivery.objects.get(pk=row.pk), "undelivered", sid=f"SM{number + 1}", ErrorCode="30008")
    waits = [
        Delivery.objects.get(key=f"{page.key}:again:{number}").due_at - timezone.now() for number in (1, 2, 3)
    ]
    assert [round(wait.total_seconds(), -1) for wait in waits] == [30, 60, 120]
    assert not ContactMethod.objects.get(user=people.nurse.user).last_failed_at
    found = next(promise for promise in MESSAGES if promise.key == "providers-let-us-in")
    assert found.ask(timezone.now()).is_kept


def test_it_is_not_tried_anew_once_somebody_has_the_alert(
    page: Delivery, alert: Alert, people: Cast, simulator: Simulator
) -> None:
    receipt(page, "undelivered", ErrorCode="30034")
    acknowledge(alert_code=alert.code, staff=people.nurse, now=timezone.now())
    sweep(timezone.now() + minutes(2))
    assert Delivery.objects.get(key=f"{page.key}:again:1").state == "cancelled"
    assert simulator.lines() == []


def test_an_unregistered_sender_at_the_call_pages_the_next_and_marks_no_number(
    alert: Alert, people: Cast, simulator: Simulator
) -> None:
    simulator.behave(refused_numbers={MOBILE: 30034})
    sweep()
    row = Delivery.objects.filter(alert=alert, channel="sms").get()
    assert (row.state, "ours to repair" in row.error) == ("pending", True)
    sweep()
    assert Delivery.objects.filter(alert=alert, recipient=f"staff:{people.physician.pk}").exists()
    assert what_happened(alert).count("delivery_dead") == 1
    assert not ContactMethod.objects.get(user=people.nurse.user).last_failed_at


def test_a_delivered_message_mends_the_number(page: Delivery, people: Cast) -> None:
    ContactMethod.objects.update(last_failed_at=timezone.now(), last_error="x")
    receipt(page, "delivered")
    assert ContactMethod.objects.get(user=people.nurse.user).last_failed_at is None


def test_a_receipt_faster_than_the_answer_is_not_lost(page: Delivery) -> None:
    lease = {"claim_token": "00000000-0000-4000-8000-000000000000", "lease_until": timezone.now()}
    change(page, state="claimed", provider_id="", claimed_at=timezone.now(), **lease)
    receipt(page, "delivered")
    row = Delivery.objects.get(pk=page.pk)
    assert (row.state, row.provider_id, row.claim_token) == ("delivered", "SM1", None)


def test_a_receipt_for_an_answer_that_was_lost_saves_the_repeat(page: Delivery) -> None:
    change(page, state="pending", provider_id="", attempts=1)
    receipt(page, "sent")
    assert state_of(page) == "sent"


def test_a_message_that_was_never_tried_has_no_receipt(page: Delivery) -> None:
    change(page, state="pending", provider_id="", attempts=0)
    receipt(page, "delivered")
    assert state_of(page) == "pending"


def test_an_earlier_try_that_failed_does_not_end_a_later_one(page: Delivery) -> None:
    receipt(page, "failed", sid="SM0")
    assert state_of(page) == "sent"


def test_a_stop_that_the_provider_knows_of_mutes_the_number_and_tells_the_manager(
    page: Delivery, people: Cast
) -> None:
    receipt(page, "failed", ErrorCode="21610")
    assert ContactMethod.objects.get(user=people.nurse.user).opted_out_at
    told = Delivery.objects.get(message="staff_muted")
    assert (told.recipient, told.context["name"]) == (f"staff:{people.manager.pk}", people.nurse.name)


def test_what_we_do_not_know_changes_nothing(page: Delivery) -> None:
    assert receipt(page, "delivered", sid="") == 204
    assert receipt(page, "dancing") == 204
    page.key = "alert:999:sms"
    assert receipt(page, "delivered") == 204
    assert set(Delivery.objects.filter(channel="sms").values_list("state", flat=True)) == {"sent"}


def test_only_the_provider_is_believed(page: Delivery, settings: Any) -> None:
    assert receipt(page, "delivered", token="a guess") == 403
    assert Client().post(STATUS, {"MessageSid": "SM1"}).status_code == 415
    kind = "application/x-www-form-urlencoded"
    assert Client().post(STATUS, "MessageSid=SM1&MessageStatus=delivered", content_type=kind).status_code == 403
    assert Client().post(STATUS, "x" * 20_000, content_type=kind).status_code == 413
    assert Client().get(STATUS).status_code == 405
    settings.SMS_TOKEN = ""
    assert receipt(page, "delivered") == 404
    assert state_of(page) == "sent"


def test_letters_no_database_takes_are_no_error(page: Delivery) -> None:
    assert receipt(page, "delivered", sid="SM\x001") == 204
    assert receipt(page, "delivered", sid="S" * 200) == 204


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_out_and_back(
    transactional_db: None, live_server: LiveServer, simulator: Simulator, settings: Any, alert: Alert
) -> None:
    settings.BASE_URL = live_server.url
    simulator.behave(duplicate_receipt_rate=1.0, shuffle_receipts=True)
    sweep()
    row = Delivery.objects.get(alert=alert, channel="sms")
    assert until(lambda: state_of(row) == "delivered")
    assert until(lambda: len(simulator.lines("receipt")) == 6)
    assert {line["status"] for line in simulator.lines("receipt")} == {204}
    (line,) = simulator.lines()
    assert (line["to"], line["key"]) == (MOBILE, row.key)
    assert f"reply {fresh(alert).ack_code} to take it" in line["body"]
    assert len(line["body"]) <= 160
    assert fresh(alert).state == "open"


@pytest.mark.django_db(transaction=True)
def test_a_number_that_fails_on_the_way_calls_the_next_person(
    live_server: LiveServer, simulator: Simulator, settings: Any, alert: Alert, people: Cast
) -> None:
    settings.BASE_URL = live_server.url
    simulator.behave(failed_numbers={MOBILE: 30003})
    sweep()
    assert until(lambda: due(alert))
    sweep()
    told = Delivery.objects.filter(alert=alert, recipient=f"staff:{people.physician.pk}")
    assert told.exists()


def test_waiting_as_long_as_the_provider_asks(alert: Alert, simulator: Simulator, now: datetime) -> None:
    simulator.behave(busy_rate=1.0, retry_after=20)
    advance_due()
    at = timezone.now() + timedelta(seconds=1)
    sweep(at)
    row = Delivery.objects.get(alert=alert, channel="sms")
    assert (row.state, row.due_at) == ("pending", at + timedelta(seconds=20))
    simulator.behave(busy_rate=0.0)
    sweep(at + minutes(1))
    assert state_of(row) == "sent"
