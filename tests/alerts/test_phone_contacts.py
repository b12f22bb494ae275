"""A member of staff is called: the number is proved by a code that is said there, and tested."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts.lifecycle import save_plan
from alerts.lifecycle.escalation import advance_due
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from alerts.policy.plan import Plan, Step
from patients.models import ContactMethod
from patients.selectors.people import contactable, usable_kinds
from recovery.desk.alert.alert_history import events_in_words, messages_of
from tests.alerts.steps import CHEST, raise_for
from tests.alerts.test_contacts_page import press
from tests.alerts.test_policy_page import POLICY, browser
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_mobile
from tests.simulator import NUMBER, Simulator

PAGE, PHONE = "/desk/me/contacts/", "+13125550111"


@pytest.fixture
def calling(
    transactional_db: None, live_server: LiveServer, simulator: Simulator, settings: Any, people: Cast
) -> Simulator:
    """An installation that calls, and a provider that can ask it what to say."""
    settings.BASE_URL, settings.VOICE_FROM = live_server.url, NUMBER
    return simulator


def mine(people: Cast) -> ContactMethod:
    return ContactMethod.objects.get(user=people.nurse.user, kind="call")


def test_a_number_is_proved_by_a_code_that_only_a_person_hears(people: Cast, calling: Simulator) -> None:
    page = press(people.nurse, "add", kind="call", **{"call-number": "(312) 555-0111"})
    assert "We are calling that phone." in page
    sweep()
    (line,) = calling.lines("call")
    assert line["to"] == PHONE
    assert calling.pick_up(answered_by="machine_start")[0]["xml"].count("<Say") == 0
    assert "Nobody heard the code: voicemail answered." in text(signed_in(people.nurse).get(PAGE))
    assert "call" not in usable_kinds([people.nurse.user])[people.nurse.user_id]
    ask_again(people)
    sweep()
    said = " ".join(step["xml"] for step in calling.pick_up("1"))
    code = re.search(r"Your code is ((?:\d, ){5}\d)", said)
    assert code
    assert "Press 1 to hear 6 digits" in text(signed_in(people.nurse).get(PAGE))
    assert "That is not the code" in press(people.nurse, "verify", kind="call", **{"call-code": "000"})
    assert "Your phone is verified" in press(people.nurse, "verify", kind="call", **{"call-code": code[1]})
    assert contactable(f"staff:{people.nurse.pk}", "call").address == PHONE
    assert code[1].replace(", ", "") not in str([*ContactMethod.objects.values(), *Delivery.objects.values()])


def ask_again(people: Cast) -> None:
    """A minute and more later."""
    for row in Delivery.objects.filter(message="contact_code"):
        Delivery.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(minutes=2))
    assert "We are calling that phone with a new code" in press(people.nurse, "again", kind="call")


@pytest.mark.parametrize(
    ("keys", "ends", "heard", "words"),
    [
        ("1", "completed", "human", "answered"),
        ("-", "completed", "human", "picked up, no key pressed"),
        ("", "completed", "machine_start", "voicemail answered"),
        ("", "busy", "", "the line was busy"),
        ("", "no-answer", "", "nobody picked up"),
        ("", "failed", "", "the call could not be made"),
    ],
)
def test_a_test_call_says_how_it_ended(
    people: Cast, calling: Simulator, keys: str, ends: str, heard: str, words: str
) -> None:
    make_mobile(people.nurse, PHONE, kind="call")
    assert "A test is on its way" in press(people.nurse, "test", kind="call")
    sweep()
    said = calling.pick_up(keys, ends, heard)
    assert not said or heard == "machine_start" or "Nobody is waiting." in said[0]["xml"]
    assert f"<strong>{words}</strong>" in text(signed_in(people.nurse).get(PAGE))


def test_without_a_number_of_ours_the_page_says_who_can_set_it_up(people: Cast) -> None:
    assert "This installation cannot make calls; your administrator can set that up." in press(
        people.nurse, "again"
    )


def test_a_wrong_number_is_kept_and_explained_beside_the_other_form(people: Cast, settings: Any) -> None:
    settings.VOICE_FROM = NUMBER
    page = press(people.nurse, "add", kind="call", **{"call-number": "312 CALL"})
    assert "Enter a " in page
    assert 'value="312 CALL"' in page
    assert page.count('name="number"') + page.count('name="call-number"') == 1
    assert not ContactMethod.objects.exists()


def test_texts_and_calls_prove_one_number_each_in_the_same_minute(
    people: Cast, simulator: Simulator, settings: Any
) -> None:
    settings.VOICE_FROM = NUMBER
    press(people.nurse, "add", number="(312) 555-0111")
    assert "We are calling" in press(people.nurse, "add", kind="call", **{"call-number": "(312) 555-0111"})
    assert set(ContactMethod.objects.values_list("kind", "address")) == {("sms", PHONE), ("call", PHONE)}
    press(people.nurse, "forget", kind="call")
    assert set(ContactMethod.objects.values_list("kind", flat=True)) == {"sms"}


def test_the_last_way_is_turned_off_only_on_purpose(people: Cast) -> None:
    make_mobile(people.nurse, PHONE, kind="call")
    press(people.nurse, "off", kind="email")
    assert "This is the last way that works." in press(people.nurse, "off", kind="call")
    press(people.nurse, "off", kind="call", sure="1")
    assert mine(people).disabled_at
    assert Delivery.objects.filter(message="staff_muted", context__kind="call").exists()


# --- The plan, its preview, and what the chart says ---


def test_the_preview_names_who_is_called_and_when(people: Cast, settings: Any) -> None:
    settings.VOICE_FROM = NUMBER
    make_mobile(people.nurse, PHONE)
    make_mobile(people.nurse, PHONE, kind="call")
    make_mobile(people.physician, "+13125550113", kind="call")
    page = text(browser(people.nurse).get(f"{POLICY}?at=2026-06-10T03:12"))
    assert "3:13 AM</time> <span>phone call to Nora Staff, unless somebody has opened or taken it by then" in page
    assert "physician (Priya Staff) by screen, e-mail and phone call" in page


def test_a_plan_older_than_calls_is_offered_them(people: Cast, settings: Any) -> None:
    settings.VOICE_FROM = NUMBER
    steps = (Step(0, "all_nurses", channels=("sms",)), Step(3, "everyone", channels=("sms", "call")))
    save_plan(people.clinic, "call_911", Plan(steps, 5, 10))
    page = text(browser(people.manager).get(POLICY))
    assert "Step 1 of this plan does not use calls to your staff." in page
    settings.VOICE_FROM = ""
    assert "calls to your staff" not in text(browser(people.manager).get(POLICY))


def test_the_chart_and_the_deliveries_say_how_a_call_ended(people: Cast, calling: Simulator) -> None:
    make_mobile(people.nurse, PHONE, kind="call")
    steps = (Step(0, "person", people.nurse.pk, ("call",), "Nora"), Step(9, "everyone", channels=("email",)))
    save_plan(people.clinic, "call_911", Plan(steps, 5, 10))
    alert = raise_for(people.patient, CHEST, now=timezone.now())
    advance_due()
    sweep()
    calling.pick_up(answered_by="machine_end_beep")
    assert "Called Nora Staff: voicemail answered" in [line.words for line in events_in_words(alert)]
    assert [(sent.channel, sent.state, sent.failed) for sent in messages_of(alert)][0] == (
        "phone call",
        "voicemail answered",
        True,
    )
    page = text(signed_in(people.manager).get("/desk/deliveries/"))
    assert "Voicemail answered</span>: It heard nothing. The plan goes on until somebody answers." in page
    sweep()
    assert Delivery.objects.filter(alert=alert, channel="email").exists(), "the next step came at once"
