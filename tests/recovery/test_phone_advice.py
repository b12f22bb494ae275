"""After Send: what to do, who knows, what next, and where it comes from."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, Delivery
from recovery.journey import actions
from recovery.models import DailyLog
from recovery.triage.rulebook import load_rulebook
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, CALM, NUMB, Send
from tests.recovery.phone import user_of

FORBIDDEN = ("you are fine", "you're fine", "normal", "nothing to worry", "all clear", "successfully")


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    people.clinic.after_hours_phone = "+13125550199"
    people.clinic.save()
    client.force_login(user_of(people.patient))
    return client


def advice(phone: Client, log: DailyLog, query: str = "") -> str:
    answer = phone.get(f"/log/{log.code}/advice/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_calm_log_says_only_what_it_shows(phone: Client, send: Send) -> None:
    page = advice(phone, send().log)
    assert "No warning signs in this log. Keep going. Call if that changes." in page
    assert [word for word in FORBIDDEN if word in page.lower()] == []
    assert "Call 911</strong> if you can not breathe well" in page
    assert "Kyphoplasty: Long-Term Care" in page


def test_a_doctor_now_log_gives_both_numbers_and_a_time_not_to_wait_beyond(phone: Client, send: Send) -> None:
    page = advice(phone, send(NUMB).log)
    assert 'href="tel:+13125550100"' in page
    assert 'href="tel:+13125550199"' in page
    assert "If no one calls you back in 30 minutes" in page
    assert "We are telling the nurse on call." in page
    assert "Kyphoplasty: care instructions" in page


def test_bladder_bowel_and_weakness_wait_ten_minutes_only(phone: Client, send: Send) -> None:
    weak = {"nerve_gate": "some", "weak": "yes", "weak_where": ["legs"], "weak_stand": "can"}
    assert "If no one calls you back in 10 minutes" in advice(phone, send(weak).log)
    leak = {"nerve_gate": "some", "bladder": "leak", "bladder_change": "same_as_before"}
    assert "If no one calls you back in 10 minutes" in advice(phone, send(leak).log)


@pytest.mark.parametrize(
    "lost", [{"bladder": "leak"}, {"bowel": "leak"}, {"numb": "yes", "numb_where": ["buttocks"]}]
)
def test_new_loss_goes_to_the_er_at_once_and_nobody_is_told_to_wait(
    phone: Client, send: Send, lost: dict[str, Any]
) -> None:
    """The tier stays call doctor now; the assessment says that the alert goes by the 911 plan."""
    sent = send({"nerve_gate": "some", **lost})
    assert sent.assessment is not None
    assert (sent.assessment.tier, sent.assessment.fired[0]["er_now"]) == ("call_doctor_now", True)
    assert Alert.objects.get().plan_of == "call_911"
    page = advice(phone, sent.log)
    assert "Go to the ER now. Do not wait for a call back. Have someone drive you." in page
    assert "Do not wait for us. Go to the ER now." in page
    assert "If no one calls you back" not in page[page.index("<main") :]


def test_911_comes_before_everything_and_never_says_wait(phone: Client, send: Send) -> None:
    page = advice(phone, send(BREATHLESS).log)
    main = page[page.index("<main") :]
    assert main.index('href="tel:911"') < main.index("Who has been told")
    assert "Tell them you had spine cement put in." in main
    assert "Do not wait for us. Call 911." in main
    assert "If no one calls you back" not in main


def test_it_says_when_the_nurse_was_reached(phone: Client, send: Send) -> None:
    log = send(NUMB).log
    now = timezone.now()
    Delivery.objects.filter(alert=Alert.objects.get()).delete()
    Delivery.objects.create(
        key="k",
        channel="email",
        recipient="staff:1",
        message="staff_alert",
        alert=Alert.objects.get(),
        clinic=log.patient.clinic,
        state="sent",
        created_at=now,
        due_at=now,
        send_by=now + timedelta(hours=1),
        sent_at=now,
    )
    assert "We sent a message to your care team at" in advice(phone, log)


def test_it_says_who_has_seen_it_and_by_when_they_call(phone: Client, people: Cast, send: Send) -> None:
    log, now = send(NUMB).log, timezone.now()
    alert = Alert.objects.get()
    actions.acknowledge(staff=people.nurse, code=alert.code, now=now)
    assert "Seen by your nurse Nora at " in advice(phone, log)
    by = now + timedelta(minutes=20)
    actions.record_contact(
        staff=people.nurse, code=alert.code, level="contacted", note="x", call_back_by=by, now=now
    )
    part = advice(phone, log, "?part=told")
    assert "Your nurse Nora was in touch with you" in part
    assert "Call-back by " in part
    assert "<html" not in part
    actions.resolve(staff=people.nurse, code=alert.code, outcome="advised", note="", now=now)
    assert "Your care team closed this" in advice(phone, log)


def test_after_the_time_it_says_go(phone: Client, send: Send) -> None:
    log = send(NUMB).log
    Alert.objects.update(clock_started_at=timezone.now() - timedelta(minutes=31))
    assert "Do not wait any longer. Go to the ER now." in advice(phone, log)


def test_without_script_the_page_looks_again_by_itself(phone: Client, send: Send) -> None:
    assert '<noscript><meta http-equiv="refresh"' in advice(phone, send(NUMB).log)
    assert "refresh" not in advice(phone, send().log)


def test_danger_words_in_a_note_are_asked_about_on_top(phone: Client, send: Send) -> None:
    log = send({"notes": "I had chest pain last night"}).log
    page = advice(phone, log)
    assert page.index("pain or pressure in the chest</span>. Do you have it now?") < page.index("Call 911 now")


@pytest.mark.parametrize("said", ["yes_now", "not_now"])
def test_the_answer_about_a_note_is_a_log_that_supersedes(phone: Client, send: Send, said: str) -> None:
    log = send({"notes": "my foot is numb"}).log
    for _ in range(2):
        answer = phone.post(f"/log/{log.code}/advice/", {"notes_confirm": said})
    assert answer.status_code == 302
    second = DailyLog.objects.exclude(pk=log.pk).get()
    asked = {"notes_confirm": said, "notes_asked": ["numb"]}
    assert (second.supersedes, second.told) == (log, {**log.told, **asked})
    assert "Do you have it now?" not in advice(phone, second)


def test_a_note_beside_the_same_tapped_sign_is_not_asked_about(phone: Client, send: Send) -> None:
    assert "Do you have it now?" not in advice(phone, send({**NUMB, "notes": "my foot is numb"}).log)


def test_an_answer_nobody_asked_for_changes_nothing(phone: Client, send: Send) -> None:
    log = send().log
    phone.post(f"/log/{log.code}/advice/", {"notes_confirm": "maybe"})
    assert DailyLog.objects.count() == 1


def test_before_the_procedure_only_help_is_shown(phone: Client, people: Cast, send: Send) -> None:
    people.procedure.ended_at = timezone.now() + timedelta(days=1)
    people.procedure.save()
    calm, urgent = advice(phone, send().log), advice(phone, send(BREATHLESS).log)
    assert "Your procedure is still to come." in calm
    assert "Keep going" not in calm
    assert "Call 911 now" in urgent


def test_a_log_that_could_not_be_judged_yet_says_so(phone: Client, people: Cast) -> None:
    log = DailyLog.objects.create(
        patient=people.patient,
        procedure=people.procedure,
        client_id=people.patient.code,
        answers=CALM,
        answered_at=timezone.now(),
        received_at=timezone.now(),
        entered_by=user_of(people.patient),
    )
    page = advice(phone, log)
    assert "could not read them yet" in page
    assert "call your doctor now, or 911" in page
    assert 'http-equiv="refresh"' in page


def test_somebody_elses_advice_is_a_404(client: Client, people: Cast, send: Send) -> None:
    log = send(NUMB).log
    client.force_login(user_of(people.other_patient))
    assert client.get(f"/log/{log.code}/advice/").status_code == 404
    assert client.post(f"/log/{log.code}/advice/", {"notes_confirm": "not_now"}).status_code == 404


def test_no_message_of_the_rule_book_reassures_too_much() -> None:
    book = load_rulebook()
    texts = [rule.message for rule in (*book.urgent, *book.watch)] + [book.calm.message]
    assert [text for text in texts for word in FORBIDDEN if word in text.lower()] == []
