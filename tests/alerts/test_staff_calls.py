"""Calls to staff: who is called when, what each key does, and what becomes of a call that nobody takes."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts.lifecycle import acknowledge, resolve, restart, save_plan
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.resending import retry
from alerts.lifecycle.staff_calls import OPENED, why_not
from alerts.lifecycle.tell_colleague import HANDED_OVER, tell_holder, tell_one
from alerts.messaging import outbox
from alerts.messaging.channels.twilio import signature
from alerts.models import Alert, AlertEvent, Delivery
from alerts.monitoring.sweep import sweep
from alerts.policy.plan import Plan, Step
from patients.models import AccessEvent, ContactMethod, Staff, User
from tests.alerts.steps import CHEST, fresh, minutes, raise_for, shift, what_happened
from tests.people import Cast, make_mobile
from tests.simulator import NUMBER, TOKEN, Simulator

NORA, NILES, PRIYA = "+13125550111", "+13125550112", "+13125550113"
FORM = "application/x-www-form-urlencoded"
CLINICAL = ("pain", "chest", "numb", "emergency", "patient", "procedure", "rosa", "911")


def make_phone(staff: Staff, number: str) -> ContactMethod:
    return make_mobile(staff, number, kind="call")


@pytest.fixture
def people(people: Cast, settings: Any) -> Cast:
    """Two nurses who can be called; the plan calls each of them in a step of three minutes, then the physician."""
    settings.SMS_TOKEN, settings.VOICE_FROM = TOKEN, NUMBER
    make_phone(people.nurse, NORA)
    make_phone(people.nurse2, NILES)
    steps = (Step(0, "all_nurses", channels=("call",)), Step(3, "physician", channels=("email",)))
    save_plan(people.clinic, "call_911", Plan(steps, 5, 10))
    return people


@pytest.fixture
def alert(people: Cast) -> Alert:
    """Somebody waits, and both phones ring."""
    found = raise_for(people.patient, CHEST, now=timezone.now())
    advance_due()
    for number, row in enumerate(calls(found)):
        ring(row, f"CA{number}")
    return found


def calls(alert: Alert) -> list[Delivery]:
    return list(Delivery.objects.filter(alert=alert, channel="call").order_by("pk"))


def ring(row: Delivery, call: str) -> None:
    at = timezone.now()
    Delivery.objects.filter(pk=row.pk).update(
        state="sent", attempts=1, claimed_at=at, sent_at=at, provider_id=call
    )


def of(alert: Alert, staff: Staff) -> Delivery:
    return Delivery.objects.get(alert=alert, channel="call", recipient=f"staff:{staff.pk}")


def post(path: str, token: str = TOKEN, **form: str) -> Any:
    """One request of the provider."""
    signed = signature(f"http://testserver{path}", form.items(), token)
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in form.items())
    return Client().post(path, body, content_type=FORM, headers={"X-Twilio-Signature": signed})


def talk(row: Delivery, keys: str = "", **more: str) -> list[str]:
    """What is said at each step while somebody presses these keys ("-": none)."""
    path, said = f"/hooks/voice/staff/?key={quote(row.key, safe='')}", []
    call = Delivery.objects.get(pk=row.pk).provider_id or "CA9"
    for key in [*keys, ""]:
        answer = post(path, CallSid=call, CallStatus="in-progress", **more)
        assert answer.status_code == 200
        tree = ElementTree.fromstring(answer.content)
        said.append(" ".join(text.strip() for text in tree.itertext()))
        gather = tree.find("Gather")
        if gather is None:
            break
        path, more = gather.attrib["action"], {} if key == "-" else {"Digits": key}
    return said


def ends(row: Delivery, how: str, call: str = "", **more: str) -> None:
    path = f"/hooks/voice/status/?key={quote(row.key, safe='')}"
    name = call or Delivery.objects.get(pk=row.pk).provider_id or "CA9"
    assert post(path, CallSid=name, CallStatus=how, **more).status_code == 204


def end_of(row: Delivery) -> tuple[str, str]:
    found = Delivery.objects.get(pk=row.pk)
    return found.state, found.call_end


def due(alert: Alert) -> bool:
    """Does the plan's next step come now?"""
    at = fresh(alert).next_step_at
    return at is not None and at <= timezone.now()


# --- What a key does ---


def test_1_takes_the_alert_as_every_answer_does(people: Cast, alert: Alert) -> None:
    hello, yours = talk(of(alert, people.nurse), "1")
    assert "for Nora Staff. Somebody is waiting for you." in hello
    assert "Press 1 to take it. Press 2 to hear this again." in hello
    assert yours.startswith("You have it, since ")
    taken = fresh(alert)
    assert (taken.state, taken.acked_by) == ("acked", people.nurse)
    assert AlertEvent.objects.get(alert=alert, what="acknowledged").detail == {"by": "call"}
    assert end_of(of(alert, people.nurse)) == ("delivered", "taken")


def test_nothing_clinical_and_no_patient_is_said(people: Cast, alert: Alert) -> None:
    heard = " ".join(talk(of(alert, people.nurse), "2-1") + talk(of(alert, people.nurse2), "1")).lower()
    assert [word for word in CLINICAL if word in heard] == []


def test_2_says_it_again_and_not_for_ever(people: Cast, alert: Alert) -> None:
    said = talk(of(alert, people.nurse), "2" * 9)
    assert said[0] == said[1] == said[5]
    assert said[-1] == "No key was pressed. The next person is told. Goodbye."
    assert len(said) == 7
    assert fresh(alert).state == "open"


@pytest.mark.parametrize(("key", "end"), [("3", "passed"), ("0", "passed"), ("*", "passed"), ("--", "no_key")])
def test_anything_else_goes_on_to_the_next_person(people: Cast, alert: Alert, key: str, end: str) -> None:
    ends(of(alert, people.nurse2), "busy")
    assert not due(alert), "a colleague's phone still rings"
    assert "The next person is told" in talk(of(alert, people.nurse), key)[-1]
    assert end_of(of(alert, people.nurse))[1] == end
    assert due(alert)
    advance_due()
    assert AlertEvent.objects.filter(alert=alert, what="told").count() == 2
    assert fresh(alert).state == "open"


def test_a_colleague_who_was_faster_is_named(people: Cast, alert: Alert) -> None:
    talk(of(alert, people.nurse), "1")
    (late,) = talk(of(alert, people.nurse2), "1")
    assert late.startswith("Already taken by Nora Staff at ")
    assert end_of(of(alert, people.nurse2)) == ("delivered", "late")
    assert fresh(alert).acked_by == people.nurse
    assert not due(alert)


def test_a_colleague_may_be_faster_while_the_call_speaks(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse2)
    talk(row)
    acknowledge(alert_code=alert.code, staff=people.nurse, now=timezone.now())
    said = post(f"/hooks/voice/staff/?key={quote(row.key, safe='')}&said=1", CallSid="CA1", Digits="1")
    assert "Already taken by Nora Staff at " in said.content.decode()
    assert end_of(row) == ("delivered", "late")


def test_a_closed_alert_is_said_to_be_closed(people: Cast, alert: Alert) -> None:
    now = timezone.now()
    acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    found = fresh(alert)
    resolve(alert=found, staff=people.nurse, outcome="sent_to_er", note="Went in", worth="useful", now=now)
    assert talk(of(alert, people.nurse2))[0].startswith("Already closed by Nora Staff at ")


def test_the_same_key_twice_is_one_answer_and_never_takes_an_alert_that_opened_again(
    people: Cast, alert: Alert
) -> None:
    row = of(alert, people.nurse)
    first = talk(row, "1")
    path = f"/hooks/voice/staff/?key={quote(row.key, safe='')}&said=1"
    assert first[-1] in post(path, CallSid="CA0", Digits="1").content.decode()
    assert what_happened(alert).count("acknowledged") == 1
    found = fresh(alert)
    restart(found, timezone.now())
    found.save()
    assert "answered this call already" in post(path, CallSid="CA0", Digits="1").content.decode()
    assert fresh(alert).state == "open"


# --- Who may take it ---


def test_nobody_takes_an_alert_of_another_clinic(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    Delivery.objects.filter(pk=row.pk).update(recipient=f"staff:{people.other_nurse.pk}", context={})
    assert "Nothing was taken" in talk(row, "1")[-1]
    assert fresh(alert).state == "open"


def test_whoever_has_left_hears_so_and_takes_nothing(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    talk(row)
    Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    said = post(f"/hooks/voice/staff/?key={quote(row.key, safe='')}&said=1", CallSid="CA0", Digits="1")
    assert "You do not work at this clinic any more." in said.content.decode()
    assert fresh(alert).state == "open"
    assert end_of(row) == ("dead", "off_duty")


@pytest.fixture
def on_call(people: Cast) -> Alert:
    """Only the nurse on call is called, and her shift ends."""
    now = timezone.now()
    mine = shift(people.nurse, now - timedelta(hours=8), 9)
    steps = (Step(0, "nurse_on_call", channels=("call",)), Step(3, "all_nurses", channels=("call",)))
    save_plan(people.clinic, "call_911", Plan((*steps, Step(3, "everyone")), 5, 10))
    found = raise_for(people.patient, CHEST, now=now)
    advance_due()
    ring(calls(found)[0], "CA0")
    mine.ends_at = now - timedelta(minutes=1)
    mine.save()
    return found


def test_whoever_is_not_on_call_any_more_hears_so_and_others_are_told(people: Cast, on_call: Alert) -> None:
    shift(people.nurse2, timezone.now() - timedelta(minutes=1), 8)
    (row,) = calls(on_call)
    (said,) = talk(row, "1")
    assert said.startswith("You are not on call any more.")
    assert (fresh(on_call).state, end_of(row)) == ("open", ("dead", "off_duty"))
    assert due(on_call)


def test_when_nobody_is_on_call_any_more_she_is_still_asked(people: Cast, on_call: Alert) -> None:
    (row,) = calls(on_call)
    assert talk(row, "1")[-1].startswith("You have it")


def test_a_call_that_waits_for_somebody_whose_shift_ended_is_not_made(people: Cast, on_call: Alert) -> None:
    shift(people.nurse2, timezone.now() - timedelta(minutes=1), 8)
    Delivery.objects.filter(alert=on_call).update(state="pending", provider_id="", attempts=0)
    sweep()
    first = calls(on_call)[0]
    assert (first.state, first.error, first.call_end) == ("dead", "no longer on call", "")
    assert AlertEvent.objects.filter(alert=on_call, what="told").count() == 2


# --- How a call ends without a person ---


@pytest.mark.parametrize(
    ("said", "more", "end"),
    [
        ("busy", {}, "busy"),
        ("no-answer", {}, "no_answer"),
        ("failed", {}, "failed"),
        ("canceled", {}, "failed"),
        ("completed", {}, "no_key"),
        ("completed", {"AnsweredBy": "machine_start"}, "voicemail"),
    ],
)
def test_the_ends_of_a_call_are_told_apart(
    people: Cast, alert: Alert, said: str, more: dict[str, str], end: str
) -> None:
    row = of(alert, people.nurse)
    ends(row, "ringing")
    assert end_of(row) == ("sent", "")
    ends(row, said, **more)
    ends(row, said, **more)
    assert end_of(row) == ("dead", end)
    assert what_happened(alert).count("called") == 1
    assert not due(alert), "the other phone still rings"
    ends(of(alert, people.nurse2), said, **more)
    assert due(alert)
    failed = ContactMethod.objects.get(user=people.nurse.user, kind="call").last_error
    assert failed == ("the call could not be made" if end == "failed" else "")


def test_a_voicemail_hears_nothing_and_takes_nothing(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    assert talk(row, "1", AnsweredBy="machine_start") == [""]
    ends(row, "completed")
    assert end_of(row) == ("dead", "voicemail")
    assert fresh(alert).state == "open"


def test_reports_out_of_order_end_as_the_key_said(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    ends(row, "completed")
    assert end_of(row) == ("dead", "no_key")
    talk(row, "1")
    ends(row, "busy")
    assert end_of(row) == ("delivered", "taken")
    assert fresh(alert).acked_by == people.nurse


def test_a_busy_line_while_an_earlier_try_rings_says_nothing(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    ends(row, "busy", call="CA-earlier")
    assert end_of(row) == ("sent", "")


def test_a_report_before_the_providers_own_answer_finds_its_row(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    Delivery.objects.filter(pk=row.pk).update(state="pending", provider_id="", sent_at=None)
    ends(row, "no-answer", call="CA-lost")
    found = Delivery.objects.get(pk=row.pk)
    assert (found.state, found.call_end, found.provider_id) == ("dead", "no_answer", "CA-lost")


def test_a_call_that_was_never_made_or_is_long_over_says_nothing(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    Delivery.objects.filter(pk=row.pk).update(claimed_at=timezone.now() - timedelta(hours=3))
    assert talk(row, "1") == [""]
    Delivery.objects.filter(pk=row.pk).update(claimed_at=None)
    assert talk(row, "1") == [""]
    assert fresh(alert).state == "open"


def test_only_the_provider_may_ask(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    path = f"/hooks/voice/staff/?key={quote(row.key, safe='')}&said=1"
    assert post(path, "forged", CallSid="CA0", Digits="1").status_code == 403
    assert Client().get(path).status_code == 405
    assert post("/hooks/voice/staff/", CallSid="CA0").status_code == 400
    assert post(path, CallSid="").status_code == 400
    assert fresh(alert).state == "open"


# --- A call follows texts and push ---


@pytest.fixture
def texted(people: Cast, now: datetime) -> Alert:
    """Nora gets a text, and a call a minute later; Niles has no mobile and is called at once."""
    make_mobile(people.nurse, NORA)
    steps = (Step(0, "all_nurses", channels=("email", "sms", "call")), Step(3, "everyone"))
    save_plan(people.clinic, "call_911", Plan(steps, 6, 10))
    found = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    return found


def test_a_call_follows_a_text_within_the_step_and_comes_at_once_without_one(
    people: Cast, texted: Alert, now: datetime
) -> None:
    assert of(texted, people.nurse).due_at == now + minutes(1)
    assert of(texted, people.nurse2).due_at == now
    assert AlertEvent.objects.get(alert=texted, what="told").detail["channels"] == ["call", "email", "sms"]
    assert fresh(texted).next_step_at == now + minutes(3)


def test_a_call_that_comes_later_is_not_said_to_have_been_made(people: Cast, texted: Alert, now: datetime) -> None:
    advance_due(now + minutes(3))
    last = AlertEvent.objects.filter(alert=texted, what="told").order_by("pk").last()
    assert last
    assert last.detail["channels"] == ["board", "call", "email", "sms"]
    ContactMethod.objects.filter(user=people.nurse2.user, kind="call").delete()
    advance_due(now + minutes(9))
    last = AlertEvent.objects.filter(alert=texted, what="told").order_by("pk").last()
    assert last
    assert last.detail["channels"] == ["board", "email", "sms"]


def test_a_call_tried_again_by_hand_forgets_how_it_ended(people: Cast, alert: Alert) -> None:
    row = of(alert, people.nurse)
    ends(row, "busy")
    Delivery.objects.filter(pk=row.pk).update(provider_id="")
    retry(staff=people.manager, pk=row.pk, now=timezone.now())
    assert end_of(row) == ("pending", "")


def test_the_last_step_calls_again_at_each_repeat(people: Cast, texted: Alert, now: datetime) -> None:
    advance_due(now + minutes(3))
    advance_due(now + minutes(9))
    mine = Delivery.objects.filter(alert=texted, channel="call", recipient=f"staff:{people.nurse.pk}")
    assert [row.due_at - now for row in mine.order_by("due_at")] == [minutes(1), minutes(5), minutes(11)]


def look(people: Cast, who: User, at: datetime) -> None:
    AccessEvent.objects.create(at=at, actor=who, patient=people.patient, action="opened the chart")


def claimed_at(when: datetime) -> Delivery:
    (row,) = [row for row in outbox.claim_due(when, limit=20) if row.channel == "call"]
    return row


def test_no_call_follows_when_somebody_of_the_step_opened_it(people: Cast, texted: Alert, now: datetime) -> None:
    row = of(texted, people.nurse)
    assert why_not(row, now + minutes(1)) == ("", False)
    look(people, people.nurse2.user, now - minutes(1))
    look(people, people.manager.user, now + minutes(0.5))
    assert why_not(row, now + minutes(1)) == ("", False), "an earlier look, or that of somebody who was not told"
    look(people, people.nurse2.user, now + minutes(0.5))
    assert why_not(row, now + minutes(1)) == (OPENED, False)


def test_whoever_has_it_is_called_about_a_sign_that_is_still_there_and_not_about_a_hand_over(people: Cast) -> None:
    make_mobile(people.nurse, NORA)
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    held = fresh(alert)
    tell_holder(held, now)
    held.save()
    tell_one(held, people.nurse2, HANDED_OVER, now)
    (row,) = calls(alert)
    assert (row.message, row.recipient) == ("staff_still", f"staff:{people.nurse.pk}")
    assert row.due_at == now + timedelta(seconds=200)
    ring(row, "CA7")
    assert talk(row, "1")[-1].startswith("You have it")
    assert fresh(alert).told_again_at is None


def test_a_call_that_is_no_longer_wanted_is_not_made(
    people: Cast, texted: Alert, now: datetime, simulator: Simulator
) -> None:
    look(people, people.nurse.user, now + minutes(0.5))
    sweep(now + minutes(1))
    row = of(texted, people.nurse)
    assert (row.state, row.error) == ("cancelled", OPENED)
    assert simulator.lines("call") == []
    assert fresh(texted).next_step_at == now + minutes(3), "the plan goes on all the same"


def test_an_answer_cancels_the_call_that_waits(people: Cast, texted: Alert, now: datetime) -> None:
    acknowledge(alert_code=texted.code, staff=people.nurse2, now=now + minutes(0.5))
    assert of(texted, people.nurse).state == "cancelled"


def test_a_provider_that_is_down_holds_up_no_plan(
    people: Cast, texted: Alert, now: datetime, simulator: Simulator
) -> None:
    simulator.behave(unavailable_rate=1.0)
    sweep(now + minutes(1))
    assert of(texted, people.nurse).state == "pending"
    assert fresh(texted).next_step_at == now + minutes(3)
    simulator.behave(unavailable_rate=0.0)
    sweep(now + minutes(2))
    assert {line["to"] for line in simulator.lines("call")} == {NORA, NILES}


def test_the_whole_call(
    transactional_db: None, live_server: LiveServer, simulator: Simulator, settings: Any, people: Cast
) -> None:
    settings.BASE_URL = live_server.url
    make_mobile(people.nurse, NORA)
    steps = (Step(0, "person", people.nurse.pk, ("sms", "call"), "Nora"), Step(3, "everyone"))
    save_plan(people.clinic, "call_911", Plan(steps, 5, 10))
    alert = raise_for(people.patient, CHEST, now=timezone.now())
    sweep()
    assert simulator.lines("call") == []
    Delivery.objects.filter(alert=alert, channel="call").update(due_at=timezone.now())
    sweep()
    (line,) = simulator.lines("call")
    assert (line["to"], line["sender"]) == (NORA, NUMBER)
    said = simulator.pick_up("21")
    assert [step["status"] for step in said] == [200] * 3
    assert "You have it, since" in said[-1]["xml"]
    assert fresh(alert).acked_by == people.nurse
    assert end_of(calls(alert)[0]) == ("delivered", "taken")
