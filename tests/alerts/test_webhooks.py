"""A clinic's own systems hear that something happened: signed, once, and never what it is about."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from alerts import lifecycle
from alerts.lifecycle import resending
from alerts.lifecycle.escalation import advance_due
from alerts.messaging import webhooks
from alerts.messaging.channels import CHANNELS, safe_http
from alerts.messaging.channels.webhook import message_id, sign
from alerts.models import AlertEvent, Delivery, DeliveryAction, EscalationPolicy, WebhookEndpoint
from alerts.models.refusals import AlertError
from alerts.monitoring.sweep import sweep
from patients.models import Staff
from tests.alerts.steps import CHEST, FEVER, NUMB, TIRED, fresh, minutes, raise_for
from tests.architecture.rows import webhook
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_staff
from tests.simulator import Simulator

PAGE = "/desk/webhooks/"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def endpoint(people: Cast, simulator: Simulator, settings: Any) -> WebhookEndpoint:
    """The simulator, as a system of the clinic."""
    settings.OUTBOUND_LOOPBACK = True
    return webhook(people, url=f"{simulator.url}/webhook/clinic", secret=SECRET)


def events(**which: Any) -> list[str]:
    rows = Delivery.objects.filter(channel="webhook", **which).order_by("id")
    return [row.context["type"] for row in rows]


def press(who: Staff, action: str, **typed: Any) -> str:
    return text(signed_in(who).post(PAGE, {"action": action, **typed}, follow=True))


def test_the_published_example_is_signed_as_published() -> None:
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_turn_of_an_alert_is_told_once_and_without_a_word_about_health(
    people: Cast, endpoint: WebhookEndpoint, simulator: Simulator
) -> None:
    now = timezone.now() - timedelta(minutes=20)
    alert = raise_for(people.patient, NUMB, now=now)
    raise_for(people.patient, NUMB, CHEST, now=now + minutes(1))
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now + minutes(2))
    advance_due(now + minutes(13))  # nobody wrote down a contact
    spoke = {"level": "contacted", "note": "fever", "call_back_by": None}
    lifecycle.record_contact(alert=fresh(alert), staff=people.nurse, now=now + minutes(14), **spoke)
    lifecycle.resolve(
        alert=fresh(alert), staff=people.nurse, outcome="sent_to_er", note="to the ER", now=now + minutes(15)
    )
    told = ["opened", "escalated", "acknowledged", "reopened", "acknowledged", "contacted", "resolved"]
    assert events() == [f"alert.{event}" for event in told]
    sweep()
    lines = simulator.lines("webhook")
    assert len(lines) == len({line["key"] for line in lines}) == 7
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {"delivered"}
    for line in lines:
        body = json.loads(line["body"])
        assert set(body) == {"type", "timestamp", "data"}
        assert set(body["data"]) == {"alert", "clinic", "link"}
        assert body["data"]["alert"] == str(alert.code)
        for word in (
            "911",
            "doctor",
            "chest",
            "numb",
            "Rosa",
            "Recovers",
            "ER",
            "fever",
            str(people.patient.code),
        ):
            assert word not in line["body"].replace(str(alert.code), "").replace(str(people.clinic.code), "")


def test_a_receiver_can_check_the_signature_also_while_two_secrets_count(
    people: Cast, endpoint: WebhookEndpoint, simulator: Simulator
) -> None:
    press(people.manager, "rotate", webhook=endpoint.pk)
    new = WebhookEndpoint.objects.get().secret
    assert new != SECRET
    press(people.manager, "test", webhook=endpoint.pk)
    sweep()
    (line,) = simulator.lines("webhook")
    head = line["headers"]
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.{line['body']}".encode()
    for secret in (new, SECRET):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert f"v1,{right}" in head["webhook-signature"].split()
    assert head["idempotency-key"] == head["webhook-id"] == message_id(Delivery.objects.get().key)
    # a day later the old one signs no more
    later = timezone.now() + timedelta(hours=25)
    assert WebhookEndpoint.objects.get().secrets(later) == [new]


def test_the_page_for_receivers_names_every_event_and_no_other() -> None:
    page = (Path(settings.BASE_DIR) / "docs/howto/webhooks.md").read_text()
    named = re.findall(r"^\| `([a-z.]+)` \|", page, re.MULTILINE)
    assert named == [*webhooks.EVENTS, "test"]


def test_a_call_without_an_answer_and_a_hand_over_are_told_only_when_the_alert_waits_again(
    people: Cast, endpoint: WebhookEndpoint, now: datetime
) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    lifecycle.hand_over(alert=fresh(alert), to_staff=people.nurse2, staff=people.nurse, note="", now=now)
    lifecycle.record_try(alert=fresh(alert), staff=people.nurse2, note="", now=now)
    assert events() == ["alert.opened", "alert.acknowledged"]
    lifecycle.record_try(alert=fresh(alert), staff=people.nurse2, note="", now=now + minutes(1))
    assert events() == ["alert.opened", "alert.acknowledged", "alert.reopened"]


def test_watch_items_and_other_clinics_are_not_told(
    people: Cast, endpoint: WebhookEndpoint, now: datetime
) -> None:
    watch = raise_for(people.patient, TIRED, now=now)
    lifecycle.snooze(alert=watch, staff=people.nurse, until=now + minutes(60), reason="x", now=now)
    raise_for(people.other_patient, CHEST, now=now)
    assert events() == []


def test_a_step_may_tell_the_systems_too(people: Cast, endpoint: WebhookEndpoint, now: datetime) -> None:
    lifecycle.create_default_policies(people.clinic)
    step = EscalationPolicy.objects.get(clinic=people.clinic, tier="call_911").steps.order_by("position")[1]
    step.channels = ["board", "webhook"]
    step.save()
    raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert events() == ["alert.opened"]
    advance_due(now + minutes(3))
    assert events() == ["alert.opened", "alert.escalated"]


def test_a_system_that_stumbles_is_told_again_under_the_same_key_with_a_valid_signature(
    people: Cast, endpoint: WebhookEndpoint, simulator: Simulator
) -> None:
    simulator.behave(lost_answer_rate=1.0)
    raise_for(people.patient, FEVER, now=timezone.now())
    sweep()
    row = Delivery.objects.get(channel="webhook")
    assert (row.state, row.attempts) == ("pending", 1)
    simulator.behave(lost_answer_rate=0.0)
    sweep(timezone.now() + minutes(2))
    lines = simulator.lines("webhook")
    assert [line["repeat"] for line in lines] == [False, True]


@pytest.mark.parametrize(("status", "state"), [(500, "pending"), (429, "pending"), (400, "dead"), (302, "dead")])
def test_what_an_answer_means(
    people: Cast, endpoint: WebhookEndpoint, monkeypatch: Any, status: int, state: str
) -> None:
    monkeypatch.setattr(safe_http, "post", lambda place, body, headers: safe_http.Answer(status, 0))
    raise_for(people.patient, FEVER, now=timezone.now())
    sweep()
    assert Delivery.objects.get(channel="webhook").state == state


@pytest.mark.slow
def test_a_system_that_refuses_again_and_again_is_flagged_until_one_arrives(
    people: Cast, endpoint: WebhookEndpoint, simulator: Simulator
) -> None:
    WebhookEndpoint.objects.update(url=f"{simulator.url}/nobody")
    for number in range(5):
        Delivery.objects.filter(key__startswith="webhook-test").update(key=f"earlier-{number}")
        press(people.manager, "test", webhook=endpoint.pk)
        sweep()
    page = text(signed_in(people.manager).get(PAGE))
    assert "The last 5 messages never arrived (the system answered 404)" in page
    WebhookEndpoint.objects.update(url=f"{simulator.url}/webhook/well")
    Delivery.objects.filter(key__startswith="webhook-test").update(key="earlier-9")
    press(people.manager, "test", webhook=endpoint.pk)
    sweep()
    page = text(signed_in(people.manager).get(PAGE))
    assert "Failing" not in page
    assert "taken by your system" in page


def test_a_manager_adds_one_and_sees_its_secret_once(people: Cast, simulator: Simulator, settings: Any) -> None:
    settings.OUTBOUND_LOOPBACK = True
    typed = {"description": "Pager gateway", "url": f"{simulator.url}/webhook/new"}
    client = signed_in(people.manager)
    page = text(client.post(PAGE, {"action": "add", **typed}, follow=True))
    secret = WebhookEndpoint.objects.get().secret
    assert secret in page
    assert secret not in text(client.get(PAGE))
    assert "on the list already" in press(people.manager, "add", **typed)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "http://example.org/", "https://[::1]/", "ftp://x.org", ""]
)
def test_an_address_that_leads_inside_is_refused_and_kept_in_the_form(people: Cast, url: str) -> None:
    page = press(people.manager, "add", description="Pager", url=url)
    assert f'value="{url}"' in page or not url
    assert "Error:" in page or "Enter the address" in page
    assert not WebhookEndpoint.objects.exists()


def test_an_address_that_leads_inside_later_gets_nothing(
    people: Cast, endpoint: WebhookEndpoint, settings: Any, monkeypatch: Any
) -> None:
    settings.OUTBOUND_LOOPBACK = False
    WebhookEndpoint.objects.update(url="https://hooks.example.org/in")
    monkeypatch.setattr(safe_http, "look_up", lambda host, port: ["10.0.0.7"])
    raise_for(people.patient, FEVER, now=timezone.now())
    sweep()
    row = Delivery.objects.get(channel="webhook")
    assert (row.state, row.attempts) == ("dead", 1)
    assert "private" in row.error


def test_a_second_test_in_one_minute_is_not_said_to_be_on_its_way(
    people: Cast, endpoint: WebhookEndpoint, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr("alerts.views.webhooks.db_now", lambda: now)
    assert "A test is on its way." in press(people.manager, "test", webhook=endpoint.pk)
    again = press(people.manager, "test", webhook=endpoint.pk)
    assert "on its way" not in again
    assert "wait a minute" in again


def test_turning_off_without_a_reason_is_said_at_the_question(people: Cast, endpoint: WebhookEndpoint) -> None:
    page = press(people.manager, "off", webhook=endpoint.pk, reason=" ")
    question = page[page.index(f'id="div_reason-{endpoint.pk}"') :]
    assert "Say why" in question[: question.index("<input")]
    assert 'aria-invalid="true"' in question


def test_turning_off_says_why_and_stops_it(people: Cast, endpoint: WebhookEndpoint, now: datetime) -> None:
    assert "Say why" in press(people.manager, "off", webhook=endpoint.pk, reason=" ")
    assert "is turned off" in press(people.manager, "off", webhook=endpoint.pk, reason="moved")
    raise_for(people.patient, CHEST, now=now)
    assert events() == []
    assert "is told again" in press(people.manager, "on", webhook=endpoint.pk)


def test_another_clinics_webhook_does_not_exist(people: Cast, endpoint: WebhookEndpoint) -> None:
    stranger = make_staff(people.other_clinic, Staff.Role.MANAGER)
    assert endpoint.url not in text(signed_in(stranger).get(PAGE))
    for action in ("test", "rotate", "off", "on"):
        assert "not one of your clinic" in press(stranger, action, webhook=endpoint.pk, reason="x")
    assert WebhookEndpoint.objects.get().secret == SECRET


def test_a_message_is_sent_once_more_as_a_new_one_and_who_did_it_is_kept(
    people: Cast, endpoint: WebhookEndpoint, simulator: Simulator
) -> None:
    raise_for(people.patient, FEVER, now=timezone.now())
    sweep()
    row = Delivery.objects.get(channel="webhook")
    signed_in(people.manager).post(f"/desk/deliveries/{row.pk}/replay/")
    sweep()
    first, second = simulator.lines("webhook")
    assert first["body"] == second["body"]
    assert first["key"] != second["key"]
    action = DeliveryAction.objects.get()
    assert (action.staff, action.delivery.key) == (people.manager, f"{row.key}:replay:1")
    assert resending.replay(staff=people.manager, pk=action.delivery_id, now=timezone.now()).key.endswith(
        ":replay:2"
    )


def test_a_dead_webhook_never_moves_the_plan(people: Cast, endpoint: WebhookEndpoint, monkeypatch: Any) -> None:
    monkeypatch.setattr(safe_http, "post", lambda place, body, headers: safe_http.Answer(400, 0))
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    before = fresh(alert).next_step_at
    sweep(now + timedelta(seconds=1))
    assert fresh(alert).next_step_at == before
    assert AlertEvent.objects.filter(what="delivery_dead").count() == 1
    assert CHANNELS["webhook"]
    with pytest.raises(AlertError, match="clinic"):
        resending.retry(staff=people.other_nurse, pk=Delivery.objects.get(channel="webhook").pk, now=now)
