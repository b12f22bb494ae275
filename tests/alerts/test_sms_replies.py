"""Answering by SMS: a known number and the alert's code take it; everything else changes nothing."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts import lifecycle
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.sms_replies import MOST_ANSWERS, MOST_TRIES, NO_MORE, NOT_READ
from alerts.messaging.reply_words import Meant, read
from alerts.messaging.spanish import is_spanish, said
from alerts.models import Alert, AlertEvent, Delivery, SmsReply
from patients.models import ContactMethod, Staff
from recovery.logs.texts import take_text
from tests.alerts.steps import CHEST, NUMB, fresh, minutes, raise_for, what_happened
from tests.people import Cast, make_mobile, make_patient, make_procedure
from tests.simulator import Simulator

NORA, NILES, OTTO = "+13125550111", "+13125550112", "+13035550113"


@pytest.fixture
def alert(people: Cast, now: datetime) -> Alert:
    """One that waits, and three nurses with a mobile: two of the clinic, one of another."""
    for person, number in ((people.nurse, NORA), (people.nurse2, NILES), (people.other_nurse, OTTO)):
        make_mobile(person, number)
    raised = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    return fresh(raised)


def texts(number: str, text: str, now: datetime, name: str = "", opt_out: str = "") -> str:
    """Somebody texts us; the answer."""
    name = name or f"SM{SmsReply.objects.count()}"
    return take_text(provider_id=name, number=number, text=text, now=now, opt_out=opt_out)


def wrong_code(alert: Alert) -> str:
    return f"{(int(alert.ack_code) + 1) % 10**6:06}"


@pytest.mark.parametrize(
    "words",
    ["{}", "ACK {}", " Ack: {}. ", "take {}", "ack{}", "YES I have it {}", "ok, {} I’ll take it", "👍🏽 {}"],
)
def test_the_code_takes_the_alert_in_her_name(people: Cast, alert: Alert, now: datetime, words: str) -> None:
    answer = texts(NORA, words.format(alert.ack_code), now)
    taken = fresh(alert)
    assert (taken.state, taken.acked_by) == ("acked", people.nurse)
    assert answer == "You have it, since 10:00 AM. Please open http://testserver/desk/"
    event = AlertEvent.objects.get(alert=alert, what="acknowledged")
    assert (event.staff, event.detail) == (people.nurse, {"by": "sms"})
    assert SmsReply.objects.get().what == "taken"


def test_the_second_person_is_told_who_has_it(people: Cast, alert: Alert, now: datetime) -> None:
    texts(NORA, alert.ack_code, now)
    assert texts(NILES, alert.ack_code, now + minutes(1)) == f"{people.nurse.name} has it, since 10:00 AM."
    assert texts(NORA, alert.ack_code, now + minutes(2)).startswith("You have it, since 10:00 AM.")
    assert fresh(alert).acked_by == people.nurse
    assert what_happened(alert).count("acknowledged") == 1


def test_a_repeat_of_the_same_message_counts_once_and_is_answered_alike(alert: Alert, now: datetime) -> None:
    answers = {texts(NORA, alert.ack_code, now, "SM9") for _ in range(3)}
    assert len(answers) == 1
    assert SmsReply.objects.count() == 1


def test_a_closed_alert_stays_closed(people: Cast, alert: Alert, now: datetime) -> None:
    lifecycle.resolve(alert=alert, staff=people.nurse2, outcome="expected", note="", now=now)
    answer = texts(NORA, alert.ack_code, now + minutes(1))
    assert answer == f"Already closed by {people.nurse2.name} at 10:00 AM. Nothing to do."
    assert fresh(alert).state == "resolved"


def test_another_clinics_code_is_like_no_code(alert: Alert, now: datetime) -> None:
    assert texts(OTTO, alert.ack_code, now) == texts(OTTO, wrong_code(alert), now)
    assert (fresh(alert).state, set(SmsReply.objects.values_list("what", flat=True))) == ("open", {"wrong"})


@pytest.mark.parametrize(
    "words",
    ["ack please", "ok", "yes", "YES I have it", "👍", "Liked “Please open. 482913”", "", "call me at 3125550100"],
)
def test_words_without_a_code_take_nothing_and_say_what_to_do(alert: Alert, now: datetime, words: str) -> None:
    assert texts(NORA, words, now).startswith("Nothing is taken yet. Reply with the 6 digits")
    assert fresh(alert).state == "open"


@pytest.mark.parametrize("words", ["not {}", "is this {}?", "{} 👎", "somebody take {}", "{} or 111111"])
def test_a_doubt_beside_the_code_takes_nothing(alert: Alert, now: datetime, words: str) -> None:
    assert texts(NORA, words.format(alert.ack_code), now).startswith("Nothing is taken yet.")
    assert fresh(alert).state == "open"


def test_whatever_she_wrote_before_the_right_code_has_the_alert(people: Cast, alert: Alert, now: datetime) -> None:
    for words in ("YES I have it", "ok", "Liked “Please open”", "👍", "yes", "on my way"):
        texts(NORA, words, now)
    assert texts(NORA, alert.ack_code, now).startswith("You have it")
    assert fresh(alert).acked_by == people.nurse


def test_a_patient_whose_recovery_is_closed_is_sent_to_the_clinics_phone(
    people: Cast, alert: Alert, now: datetime
) -> None:
    paul = make_patient(people.clinic, "Paul", phone="+13125550177")
    make_procedure(paul, ended_at=now - minutes(999), closed_at=now)
    answer = texts("+13125550177", alert.ack_code, now)
    assert answer == (
        "Nobody reads texts to this number. Call your clinic at (312) 555-0100. In an emergency call 911."
    )
    assert fresh(alert).state == "open"


def test_an_unknown_or_unverified_or_switched_off_number_takes_nothing(
    people: Cast, alert: Alert, now: datetime
) -> None:
    make_mobile(people.physician, "+13125550114", verified_at=None)
    ContactMethod.objects.filter(address=NILES).update(disabled_at=now)
    for number in ("+19995550000", "+13125550114", NILES, ""):
        assert texts(number, alert.ack_code, now) == NOT_READ.format(phone="")
    Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    assert texts(NORA, alert.ack_code, now).startswith("Nobody reads texts")
    assert fresh(alert).state == "open"


def test_five_wrong_tries_are_the_last_for_15_minutes(people: Cast, alert: Alert, now: datetime) -> None:
    answers = [texts(NORA, wrong_code(alert), now) for _ in range(5)]
    assert ["That was the last try by text for 15 minutes." in answer for answer in answers] == [
        *[False] * 4,
        True,
    ]
    assert texts(NORA, alert.ack_code, now + minutes(14)) == ""
    assert fresh(alert).state == "open"
    # another person's tries are their own
    assert texts(NILES, wrong_code(alert), now + minutes(14))
    texts(NORA, alert.ack_code, now + minutes(15.1))
    assert fresh(alert).acked_by == people.nurse


def test_wrong_codes_for_one_alert_do_not_count_for_the_next(people: Cast, alert: Alert, now: datetime) -> None:
    for _ in range(MOST_TRIES):
        texts(NORA, wrong_code(alert), now)
    other = raise_for(make_patient(people.clinic, "Paul"), NUMB, now=now + minutes(1))
    advance_due(now + minutes(1))
    assert texts(NORA, alert.ack_code, now + minutes(2)) == ""
    assert texts(NORA, fresh(other).ack_code, now + minutes(2)).startswith("You have it")
    assert (fresh(alert).state, fresh(other).acked_by) == ("open", people.nurse)


def test_guesses_are_bounded_for_each_alert(people: Cast, alert: Alert, now: datetime) -> None:
    """A new alert does not give more guesses at the one before."""
    for _ in range(MOST_TRIES):
        texts(NORA, wrong_code(alert), now)
    other = raise_for(make_patient(people.clinic, "Paul"), NUMB, now=now + minutes(1))
    advance_due(now + minutes(1))
    for _ in range(MOST_TRIES):
        texts(NORA, wrong_code(fresh(other)), now + minutes(2))
    assert texts(NORA, fresh(other).ack_code, now + minutes(3)) == ""
    assert texts(NORA, alert.ack_code, now + minutes(3)) == ""


@pytest.mark.parametrize(
    "words", ["please stop texting me", "PARAR", "don’t text me any more", "no más mensajes", "Stop.", "opt out"]
)
def test_stop_in_other_words_stops_and_is_confirmed(alert: Alert, now: datetime, words: str) -> None:
    assert texts(NORA, words, now) == said(NO_MORE, spanish=is_spanish(words))
    assert not ContactMethod.objects.get(address=NORA).is_usable


def test_the_providers_own_word_for_stop_and_start_counts(alert: Alert, now: datetime) -> None:
    assert texts(NORA, "pls leave me be", now, opt_out="STOP") == ""
    assert not ContactMethod.objects.get(address=NORA).is_usable
    texts(NORA, "back again", now, opt_out="START")
    assert ContactMethod.objects.get(address=NORA).is_usable


def test_yes_is_start_only_after_a_stop(alert: Alert, now: datetime) -> None:
    texts(NORA, "stop", now)
    assert texts(NORA, "Yes", now).startswith("You get messages by text again.")
    assert texts(NORA, "Yes", now).startswith("Nothing is taken yet.")


@pytest.mark.parametrize(
    "words", ["do not stop", "the pain won’t stop", "I do not get your texts", "i want it to stop", "no more pain"]
)
def test_these_stop_nothing(alert: Alert, now: datetime, words: str) -> None:
    texts(NORA, words, now)
    assert ContactMethod.objects.get(address=NORA).is_usable


def test_two_machines_that_answer_each_other_come_to_rest(alert: Alert, now: datetime) -> None:
    answers = [texts(NORA, "I am driving right now.", now) for _ in range(MOST_ANSWERS + 3)]
    assert [bool(answer) for answer in answers] == [True] * MOST_ANSWERS + [False] * 3


def test_stop_mutes_the_number_tells_the_manager_and_start_brings_it_back(
    people: Cast, alert: Alert, now: datetime
) -> None:
    assert texts(NORA, " Stop ", now) == ""
    method = ContactMethod.objects.get(address=NORA)
    assert (method.opted_out_at, method.is_usable) == (now, False)
    assert Delivery.objects.get(message="staff_muted").recipient == f"staff:{people.manager.pk}"
    texts(NORA, "STOP", now + minutes(1))
    assert Delivery.objects.filter(message="staff_muted").count() == 1
    assert texts(NORA, "START", now + minutes(2)).startswith("You get messages by text again.")
    assert ContactMethod.objects.get(address=NORA).is_usable
    assert fresh(alert).state == "open"


def test_nothing_of_what_was_written_is_kept(alert: Alert, now: datetime) -> None:
    texts(NORA, "her chest hurts ZEBRA", now)
    assert "ZEBRA" not in str(SmsReply.objects.values().get())


def test_two_alerts_have_two_codes_and_each_takes_its_own(people: Cast, alert: Alert, now: datetime) -> None:
    other = raise_for(make_patient(people.clinic, "Paul"), NUMB, now=now)
    advance_due(now)
    assert fresh(other).ack_code != alert.ack_code
    texts(NORA, fresh(other).ack_code, now)
    assert (fresh(other).state, fresh(alert).state) == ("acked", "open")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("482 913", Meant(code="482913")),
        ("#482-913!", Meant(code="482913")),
        ("4829134", Meant(more=True)),
        ("48291", Meant(more=True)),
        ("STOP 482913", Meant(more=True)),
        ("unsubscribe", Meant(stop=True, by_word=True)),
        ("Unstop", Meant(start=True)),
        ("٤٨٢٩١٣", Meant(more=True)),
        ("4" * 100_000, Meant(more=True)),
        ("Fine.", Meant(short="fine", more=True)),
        ("I’m worse", Meant(short="worse", more=True)),
        ("911!", Meant(short="emergency", more=True)),
        ("Peor", Meant(short="worse", more=True, spanish=True)),
        ("worse than fine", Meant(more=True)),
        ("stop texting me, my chest hurts", Meant(stop=True, more=True)),
        ("Disliked “Please open”", Meant(more=True)),
        ("Reacted 😭 to “Please open”", Meant(more=True)),
        ("Reacted ❤️ to “Please open”", Meant(tap=True)),
        ("", Meant()),
    ],
)
def test_only_clear_words_mean_something(text: str, meant: Meant) -> None:
    assert read(text) == meant


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_in_and_back(
    transactional_db: None, live_server: LiveServer, simulator: Simulator, settings: Any, people: Cast
) -> None:
    settings.BASE_URL, url = live_server.url, f"{live_server.url}/hooks/sms/reply/"
    make_mobile(people.nurse, NORA)
    alert = raise_for(people.patient, CHEST, now=timezone.now())
    advance_due()
    status, answer = simulator.reply(url, NORA, f"ACK {fresh(alert).ack_code}")
    message = ElementTree.fromstring(answer).findtext("Message")
    assert (status, message and message[:18]) == (200, "You have it, since")
    assert fresh(alert).acked_by == people.nurse
    # a name is never taken for the provider's own marks
    people.nurse.user.first_name = "Nora & <Co>"
    people.nurse.user.save()
    make_mobile(people.nurse2, NILES)
    status, answer = simulator.reply(url, NILES, fresh(alert).ack_code)
    assert "Nora & <Co> Staff has it" in (ElementTree.fromstring(answer).findtext("Message") or "")
    status, answer = simulator.reply(url, NORA, "STOP")
    assert (status, ElementTree.fromstring(answer).findtext("Message")) == (200, None)
    settings.SMS_TOKEN = "another"
    assert simulator.reply(url, NORA, "START")[0] == 403
    assert not ContactMethod.objects.get(address=NORA).is_usable
