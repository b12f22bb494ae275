"""A patient or helper texts us: their words are a log, judged, and never silence."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert, Delivery, SmsReply
from patients.models import Caregiver, Patient, Procedure, StoppedNumber, User
from patients.selectors.people import Writer, writers
from recovery.logs.texts import CALL_NOW, take_text
from recovery.models import Assessment, DailyLog
from tests.alerts.steps import minutes, what_happened
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_helper, make_mobile, make_patient, make_procedure
from tests.simulator import Simulator

ROSA, HILDA = "+13125550177", "+13125550178"
BREATH = "I have chest pain"


@pytest.fixture
def rosa(people: Cast) -> Patient:
    """The patient with a phone; so has the helper."""
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=ROSA)
    User.objects.filter(pk=people.patient.user_id).update(phone=ROSA)
    User.objects.filter(pk=people.helper.user_id).update(phone=HILDA)
    return Patient.all_clinics.get(pk=people.patient.pk)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def texts(words: str, now: datetime, number: str = ROSA, name: str = "", opt_out: str = "") -> str:
    name = name or f"SM{SmsReply.objects.count()}"
    return take_text(provider_id=name, number=number, text=words, now=now, opt_out=opt_out)


def test_what_she_writes_while_her_recovery_is_closed_is_a_log_all_the_same(
    rosa: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_then_closed(*given: Any) -> list[Writer]:
        found = writers(*given)
        Procedure.objects.filter(patient=rosa).update(closed_at=now)
        return found

    monkeypatch.setattr("recovery.logs.texts.writers", found_then_closed)
    assert texts(BREATH, now) == CALL_NOW
    assert Assessment.objects.get(log=DailyLog.objects.get()).tier == "call_911"


def test_what_she_writes_is_a_log_and_is_answered(people: Cast, rosa: Patient, now: datetime) -> None:
    answer = texts("The bandage came off in the shower", now)
    log = DailyLog.objects.get()
    assert (log.patient, log.entered_by) == (rosa, rosa.user)
    assert log.answers == {"door": "sms", "notes": "The bandage came off in the shower"}
    assert answer.startswith("Your clinic has your message. Nobody answers by text.")
    assert "(312) 555-0100" in answer
    assert Assessment.objects.get(log=log).tier == "watch"
    assert SmsReply.objects.get().what == "words"


def test_danger_in_a_text_is_judged_and_alerts_and_the_answer_says_no_reason(
    people: Cast, rosa: Patient, now: datetime
) -> None:
    assert texts(BREATH, now) == CALL_NOW
    assert Assessment.objects.get().tier == "call_911"
    assert Alert.objects.get().tier == "call_911"


def test_what_could_not_be_judged_yet_is_answered_on_the_safe_side(
    rosa: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object, **more: object) -> None:
        raise ValueError

    monkeypatch.setattr("recovery.logs.judge.evaluate", breaks)
    assert texts("The bandage came off", now).startswith("Call your clinic now at (312) 555-0100.")
    assert DailyLog.objects.count() == 1


def test_the_same_message_again_is_one_log_with_one_answer(rosa: Patient, now: datetime) -> None:
    answers = {texts("Is it normal that it itches", now, name="SM7") for _ in range(3)}
    assert (len(answers), DailyLog.objects.count()) == (1, 1)


def test_it_is_found_again_when_the_process_died_before_it_was_answered(rosa: Patient, now: datetime) -> None:
    first = texts("Is it normal that it itches", now, name="SM7")
    SmsReply.objects.all().delete()
    assert texts("Is it normal that it itches", now + minutes(1), name="SM7") == first
    assert DailyLog.objects.count() == 1


@pytest.mark.parametrize(
    ("word", "short", "answer"),
    [
        ("911", "emergency", CALL_NOW),
        ("SOS", "emergency", CALL_NOW),
        ("Worse.", "worse", "Call your clinic now"),
        ("peor", "worse", "Llame a su clínica ahora"),
        ("FINE", "fine", "Your clinic has your message."),
    ],
)
def test_one_word_answers(rosa: Patient, now: datetime, word: str, short: str, answer: str) -> None:
    assert texts(word, now).startswith(answer)
    log = DailyLog.objects.get()
    assert log.answers == {"door": "sms", "short_answer": short}


def test_a_helpers_words_are_about_the_patient_and_say_so(people: Cast, rosa: Patient, now: datetime) -> None:
    texts("She is so confused today", now, number=HILDA)
    log = DailyLog.objects.get()
    assert (log.patient, log.entered_by, log.answers["logged_by"]) == (rosa, people.helper.user, "caregiver")


def test_a_help_that_ended_speaks_for_nobody(people: Cast, rosa: Patient, now: datetime) -> None:
    Caregiver.objects.filter(pk=people.helper.pk).update(expires_at=now)
    assert texts("She is so confused today", now, number=HILDA).startswith("Nobody reads texts to this number.")
    assert not DailyLog.objects.exists()


def test_a_number_that_is_not_the_patients_speaks_for_nobody(rosa: Patient, now: datetime) -> None:
    Patient.all_clinics.filter(pk=rosa.pk).update(phone_wrong_at=now)
    assert texts("who is this", now).startswith("Nobody reads texts to this number.")
    assert not DailyLog.objects.exists()


@pytest.mark.slow
def test_a_phone_of_two_is_kept_for_each_and_the_nurse_reads_that_it_may_be_the_other(
    people: Cast, rosa: Patient, now: datetime
) -> None:
    paul = make_patient(people.clinic, "Paul", phone=ROSA)
    make_procedure(paul)
    assert "We cannot tell whom it is about" in texts("My back is so sore today", now)
    assert {log.patient for log in DailyLog.objects.all()} == {rosa, paul}
    for patient in (rosa, paul):
        page = text(signed_in(people.nurse).get(f"/desk/patients/{patient.code}/"))
        assert "Written as a text message." in page
        assert "Ask whom it is about." in page


def test_a_helper_of_two_is_heard_for_both(people: Cast, rosa: Patient, now: datetime) -> None:
    paul = make_patient(people.clinic, "Paul")
    make_procedure(paul)
    other = make_helper(paul)
    Caregiver.objects.filter(pk=other.pk).update(user=people.helper.user)
    texts("cannot breathe", now, number=HILDA)
    assert {log.patient for log in DailyLog.objects.all()} == {rosa, paul}
    assert Alert.objects.filter(tier="call_911").count() == 2


def test_stop_beside_a_sign_is_both(rosa: Patient, now: datetime) -> None:
    assert texts("stop texting me, I have chest pain", now) == CALL_NOW
    assert StoppedNumber.objects.get().number == ROSA
    assert DailyLog.objects.get().answers["notes"] == "stop texting me, I have chest pain"


@pytest.mark.parametrize("words", ["Liked “Please open”", "👍", ""])
def test_a_tap_on_our_message_is_no_log_and_is_answered(rosa: Patient, now: datetime, words: str) -> None:
    assert "call (312) 555-0100" in texts(words, now)
    assert not DailyLog.objects.exists()


def test_a_tap_that_says_something_is_read_by_a_person(rosa: Patient, now: datetime) -> None:
    texts("Reacted 😭 to “Please open”", now)
    assert DailyLog.objects.exists()


def test_a_long_text_is_read_to_its_end_and_odd_letters_lose_nothing(rosa: Patient, now: datetime) -> None:
    words = "all is calm " * 100 + "\x00\u202e but now I have chest pain"
    assert texts(words, now) == CALL_NOW
    notes = [log.answers["notes"] for log in DailyLog.objects.order_by("pk")]
    assert len(notes) == 2
    assert notes[1].endswith("but now I have chest pain")
    assert all(len(note) <= 1000 and note.isprintable() for note in notes)


def test_a_text_does_not_show_that_a_watch_sign_is_gone(people: Cast, rosa: Patient, now: datetime) -> None:
    texts("The bandage came off", now)
    alert = Alert.objects.get()
    texts("FINE", now + minutes(5))
    assert Alert.objects.get(pk=alert.pk).state == "open"
    assert "cleared" not in what_happened(alert)


def test_a_nurse_who_is_a_patient_takes_with_a_code_and_is_heard_in_words(
    people: Cast, rosa: Patient, now: datetime
) -> None:
    make_mobile(people.nurse2, ROSA)
    assert texts("yes", now).startswith("Nothing is taken yet.")
    assert not DailyLog.objects.exists()
    assert texts(BREATH, now) == CALL_NOW
    assert DailyLog.objects.get().patient == rosa


def test_it_stands_among_the_unread_words_until_the_chart_is_opened(
    people: Cast, rosa: Patient, now: datetime
) -> None:
    texts("The bandage came off", now)
    desk = signed_in(people.nurse)
    assert "Rosa" in text(desk.get("/desk/"))
    assert "The bandage came off" in text(desk.get(f"/desk/patients/{rosa.code}/"))


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_in_and_back(
    transactional_db: None, live_server: LiveServer, simulator: Simulator, settings: object, people: Cast
) -> None:
    settings.BASE_URL, url = live_server.url, f"{live_server.url}/hooks/sms/reply/"  # type: ignore[attr-defined]
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=ROSA)
    for _ in range(2):
        status, answer = simulator.reply(url, ROSA, f"{BREATH} <b>", id="once")
        assert (status, ElementTree.fromstring(answer).findtext("Message")) == (200, CALL_NOW)
    assert DailyLog.objects.get().answers["notes"] == f"{BREATH} <b>"
    assert Alert.objects.get().tier == "call_911"
    assert not Delivery.objects.filter(context__icontains="chest").exists()
    status, _ = simulator.reply(url, ROSA, "leave me alone", opt_out_type="STOP")
    assert StoppedNumber.objects.exists()
