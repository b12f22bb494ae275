"""How staff set the ways they are reached, and what the system makes of it."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.messaging import contact_methods as service
from alerts.messaging.channels import CHANNELS, PermanentFailure
from alerts.messaging.codes import code_from
from alerts.models import Delivery
from alerts.models.refusals import AlertError
from alerts.monitoring.sweep import sweep
from patients.models import ContactMethod, Staff
from patients.selectors.people import contactable, usable_kinds
from tests.alerts.steps import CHEST, raise_for, told
from tests.alerts.test_outbox import Refusing
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_mobile
from tests.simulator import Simulator

PAGE = "/desk/me/contacts/"
MOBILE = "+13125550111"


def press(who: Staff, action: str, **typed: str) -> str:
    """Press a button; what the page says then."""
    return text(signed_in(who).post(PAGE, {"action": action, **typed}, follow=True))


def mine(staff: Staff, **which: Any) -> ContactMethod:
    return ContactMethod.objects.get(user=staff.user, kind="sms", **which)


def minutes_ago(count: float) -> None:
    """Let the codes so far have been asked for earlier."""
    for row in Delivery.objects.filter(message="contact_code"):
        Delivery.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(minutes=count))


def test_a_mobile_is_added_proved_by_the_code_that_went_there_and_used(people: Cast, simulator: Simulator) -> None:
    assert "A code is on its way" in press(people.nurse, "add", number="(312) 555-0111")
    sweep()
    (line,) = simulator.lines()
    code = re.match(r"(\d{6}) is your code", line["body"])
    assert line["to"] == MOBILE
    assert code
    assert "sms" not in usable_kinds([people.nurse.user])[people.nurse.user_id]
    assert "Your mobile is verified" in press(people.nurse, "verify", code=f"{code[1][:3]} {code[1][3:]}")
    assert contactable(f"staff:{people.nurse.pk}", "sms").address == MOBILE
    assert code[1] not in str([*ContactMethod.objects.values(), *Delivery.objects.values()])


def test_another_mobile_replaces_the_first_only_when_it_is_proved(people: Cast, simulator: Simulator) -> None:
    make_mobile(people.nurse, MOBILE)
    press(people.nurse, "add", number="+13125550122")
    assert contactable(f"staff:{people.nurse.pk}", "sms").address == MOBILE
    press(people.nurse, "verify", code=code_from(mine(people.nurse, verified_at=None).code_nonce))
    assert mine(people.nurse).address == "+13125550122"


@pytest.mark.slow
def test_a_code_counts_for_five_tries_and_15_minutes(people: Cast, simulator: Simulator) -> None:
    press(people.nurse, "add", number=MOBILE)
    right = code_from(mine(people.nurse).code_nonce)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert "That is not the code" in press(people.nurse, "verify", code=wrong)
    assert "Ask for a new code" in press(people.nurse, "verify", code=right)
    assert "We sent a code a moment ago" in press(people.nurse, "again")
    minutes_ago(2)
    assert "A new code is on its way" in press(people.nurse, "again")
    method = mine(people.nurse)
    late = timezone.now() + timedelta(minutes=15)
    with pytest.raises(AlertError, match="run out"):
        service.prove(staff=people.nurse, method=method, code=code_from(method.code_nonce), now=late)
    assert not mine(people.nurse).verified_at
    assert "Your mobile is verified" in press(people.nurse, "verify", code=code_from(method.code_nonce))


@pytest.mark.slow
def test_codes_are_bounded_per_day(people: Cast, simulator: Simulator) -> None:
    press(people.nurse, "add", number=MOBILE)
    for _ in range(9):
        minutes_ago(2)
        press(people.nurse, "again")
    minutes_ago(2)
    assert "enough codes for a day" in press(people.nurse, "again")


@pytest.mark.parametrize("typed", ["312 CALL NOW", "", "12", "nurse@clinic.example", "9" * 400])
def test_what_is_no_number_is_kept_and_explained(people: Cast, simulator: Simulator, typed: str) -> None:
    page = press(people.nurse, "add", number=typed)
    assert "Enter a " in page
    assert f'value="{typed}"' in page or not typed
    assert not ContactMethod.objects.exists()


def test_somebody_elses_number_is_refused(people: Cast, simulator: Simulator) -> None:
    make_mobile(people.nurse2, MOBILE)
    assert "Somebody else on a staff uses this number" in press(people.nurse, "add", number=MOBILE)
    waiting = make_mobile(people.nurse, "+13125550122", verified_at=None)
    ContactMethod.objects.filter(pk=waiting.pk).update(
        address="+13125550133", code_nonce="n", code_expires_at=timezone.now() + timedelta(minutes=5)
    )
    make_mobile(people.physician, "+13125550133")
    assert "Somebody else on a staff uses" in press(people.nurse, "verify", code=code_from("n"))


def test_a_test_goes_the_real_way_and_the_page_tells_the_truth(people: Cast, simulator: Simulator) -> None:
    make_mobile(people.nurse, MOBILE)
    assert "waiting to be sent" in press(people.nurse, "test", kind="sms")
    sweep()
    page = text(signed_in(people.nurse).get(PAGE))
    assert "handed to the provider; no word yet that it arrived" in page
    assert "This is a test" in simulator.lines()[0]["body"]
    Delivery.objects.update(state="delivered")
    assert "<strong>delivered</strong>" in text(signed_in(people.nurse).get(PAGE))


def test_two_tests_in_one_minute_are_one(people: Cast, now: datetime) -> None:
    rows = {service.send_test(staff=people.nurse, kind="email", now=now).pk for _ in range(2)}
    assert len(rows) == 1


def test_a_second_test_in_one_minute_is_not_said_to_be_on_its_way(
    people: Cast, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr("alerts.views.contacts.db_now", lambda: now)
    assert "A test is on its way." in press(people.nurse, "test", kind="email")
    monkeypatch.setattr("alerts.views.contacts.db_now", lambda: now + timedelta(seconds=1))
    again = press(people.nurse, "test", kind="email")
    assert "on its way" not in again
    assert "wait a minute" in again


def test_a_test_that_fails_says_why_to_her_and_to_the_manager(people: Cast, simulator: Simulator) -> None:
    make_mobile(people.nurse, MOBILE)
    simulator.behave(refused_numbers={MOBILE: 21614})
    press(people.nurse, "test", kind="sms")
    sweep()
    assert "failed: not a mobile number (21614)" in text(signed_in(people.nurse).get(PAGE))
    board = text(signed_in(people.manager).get("/desk/staff/"))
    assert "Text messages: the last message failed (not a mobile number (21614))" in board
    # broken is shown, and still tried: the next message may arrive
    assert contactable(f"staff:{people.nurse.pk}", "sms").address == MOBILE


def test_a_dead_mailbox_is_shown_until_a_mail_arrives(people: Cast, monkeypatch: Any) -> None:
    monkeypatch.setitem(CHANNELS, "email", Refusing(PermanentFailure("mail server said 550")))
    press(people.nurse, "test", kind="email")
    sweep()
    page = text(signed_in(people.nurse).get(PAGE))
    assert "The last message failed (mail server said 550)." in page
    assert "Nothing here works right now" in page
    monkeypatch.undo()
    Delivery.objects.update(key="earlier")
    press(people.nurse, "test", kind="email")
    sweep()
    assert "The last message failed" not in text(signed_in(people.nurse).get(PAGE))


@pytest.mark.slow
def test_the_last_way_is_turned_off_only_on_purpose_and_the_manager_is_told(people: Cast, now: datetime) -> None:
    assert "This is the last way that works." in press(people.nurse, "off", kind="email")
    assert contactable(f"staff:{people.nurse.pk}", "email").address
    assert "E-mail: turned off." in press(people.nurse, "off", kind="email", sure="1")
    assert contactable(f"staff:{people.nurse.pk}", "email").why_not == "email turned off by the person"
    assert Delivery.objects.get(message="staff_muted").recipient == f"staff:{people.manager.pk}"
    alert = raise_for(people.patient, CHEST, now=now)
    sweep(now)
    assert told(alert) == [f"staff:{people.nurse2.pk}"]
    assert "E-mail: turned off" in text(signed_in(people.manager).get("/desk/staff/"))
    press(people.nurse, "on", kind="email")
    assert contactable(f"staff:{people.nurse.pk}", "email").address


def test_one_of_two_ways_is_turned_off_without_a_question(people: Cast) -> None:
    make_mobile(people.nurse, MOBILE)
    press(people.nurse, "off", kind="email")
    assert usable_kinds([people.nurse.user]) == {people.nurse.user_id: {"sms"}}
    assert not Delivery.objects.filter(message="staff_muted").exists()


@pytest.mark.slow
def test_what_nobody_offered_changes_nothing(people: Cast) -> None:
    for action in ("", "explode", "verify", "again", "forget"):
        assert "How you are reached" in press(people.nurse, action, kind="pigeon", code="1")
    assert not ContactMethod.objects.exists()


def test_everybody_sees_and_changes_only_their_own(people: Cast, simulator: Simulator) -> None:
    make_mobile(people.nurse, MOBILE)
    assert "555-0111" not in text(signed_in(people.nurse2).get(PAGE))
    press(people.nurse2, "off", kind="sms", sure="1")
    press(people.nurse2, "forget")
    assert mine(people.nurse).is_usable


def test_the_page_says_whether_the_code_left(people: Cast, simulator: Simulator) -> None:
    """Not "we sent" before it was: on its way, left, or why not."""
    client = signed_in(people.nurse)
    client.post(PAGE, {"action": "add", "number": MOBILE})
    assert "6 digits are on their way there." in text(client.get(PAGE))
    simulator.behave(refused_numbers={MOBILE: 30034})
    sweep()
    page = text(client.get(PAGE))
    assert "The 6 digits have not left yet." in page
    assert "Whoever runs this installation has been told" in page
    simulator.behave(refused_numbers={MOBILE: 21614})
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    sweep()
    page = text(client.get(PAGE))
    assert "The 6 digits could not be sent." in page
    assert "This number is not a mobile." in page
