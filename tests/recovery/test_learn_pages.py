"""Learn, the page for a visit, and the cards on Today: fitting, sourced, and never in the way of an emergency."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Patient
from recovery.plan.cards_book import default_cards
from recovery.selectors import own_questions
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.phone import user_of


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def page(phone: Client, path: str) -> str:
    answer = phone.get(path)
    assert answer.status_code == 200
    return text(answer)


def good_to_know(today: str) -> str:
    """The part of Today with the cards; empty when there is none."""
    return today.partition('id="learn-title"')[2].partition("</section>")[0]


def test_today_shows_at_most_two_cards_below_the_plan_and_leads_to_the_rest(phone: Client, send: Send) -> None:
    send({"sleep": "poor"})
    today = page(phone, "/today/")
    assert "Sleep helps you heal" in good_to_know(today)
    assert "Less pain? Still go slow" in good_to_know(today)
    assert good_to_know(today).count("<h3>") == 2
    assert today.index("Hold back on this") < today.index("Good to know today")
    assert 'href="/learn/"' in today


def test_a_card_stands_below_the_doctor_now_message_only_when_it_is_marked_for_it(
    phone: Client, send: Send
) -> None:
    send({**NUMB, "sleep": "poor", "mood": "low"})
    today = page(phone, "/today/")
    assert today.index("Call your doctor now") < today.index("Feeling low or worried")
    assert "Sleep helps you heal" not in today
    learn = page(phone, "/learn/")
    assert learn.index("Call your doctor now") < learn.index("Pain pills: stick to the plan")
    assert "Strong bones" not in learn


def test_at_911_there_is_no_card_and_learn_says_the_one_thing_to_do(
    phone: Client, people: Cast, send: Send
) -> None:
    people.procedure.medicine_instructions = "Aspirin"
    people.procedure.save()
    send({**BREATHLESS, "mood": "low", "sleep": "poor"})
    today, learn = page(phone, "/today/"), page(phone, "/learn/")
    assert "Good to know today" not in today
    assert "Call 911 now" in learn
    assert "Aspirin" not in learn
    for card in default_cards().cards:
        assert card.title not in today
        assert card.text not in learn


def test_the_library_names_the_document_and_row_of_each_card(phone: Client) -> None:
    learn = page(phone, "/learn/")
    assert learn.count("Where this comes from") == learn.count("learn-card") > 8
    assert "Kyphoplasty: care instructions, Care: medicines (MD-08)" in learn
    assert "App default, not from the documents" in learn
    assert "Before your procedure" not in learn
    assert "For helpers" not in learn


def test_a_helper_reads_cards_of_their_own(client: Client, people: Cast) -> None:
    client.force_login(people.helper.user)
    assert "It is hard to help, too" in page(client, "/learn/")
    assert "Help with pills" in good_to_know(page(client, "/today/"))


def test_before_the_procedure_there_is_the_checklist_and_the_questions(phone: Client, people: Cast) -> None:
    people.procedure.ended_at = timezone.now() + timedelta(days=3)
    people.procedure.save()
    assert "Things to get done" in good_to_know(page(phone, "/today/"))
    learn, visit = page(phone, "/learn/"), page(phone, "/visit/")
    assert "special soap" in learn
    assert "Strong bones" not in learn
    suggested = visit[visit.index("You may want to ask") :].partition("</ul>")[0]
    assert suggested.count("<li>") == 8
    assert "What happens if we do not do it?" in visit


@pytest.mark.slow
def test_the_clinics_own_words_come_first_as_they_are_and_outrank_the_card(phone: Client, people: Cast) -> None:
    assert "Keep your list at hand" in page(phone, "/learn/")
    people.procedure.medicine_instructions = "Aspirin 81 mg, mornings\n<b>No</b> ibuprofen"
    people.procedure.home_instructions = "No stairs until Friday."
    people.procedure.save()
    for path in ("/plan/", "/learn/", "/visit/"):
        found = page(phone, path)
        assert "Aspirin 81 mg, mornings<br>&lt;b&gt;No&lt;/b&gt; ibuprofen" in found
        assert "No stairs until Friday." in found
    learn = page(phone, "/learn/")
    assert "Keep your list at hand" not in learn
    assert learn.index("No stairs") < learn.index("Care at home")


def test_the_plan_names_the_three_parts_that_last(phone: Client) -> None:
    assert "strong bones, good moves, and no falls" in page(phone, "/plan/")


def test_the_page_for_a_visit_has_questions_pain_and_logs(phone: Client, people: Cast, send: Send) -> None:
    now = timezone.now()
    people.procedure.next_visit_at = now + timedelta(days=2)
    people.procedure.next_visit_with = "Dr. Shah"
    people.procedure.save()
    send({"pain_move": 6, "question_for_team": "May I <swim>?"}, answered_at=now - timedelta(days=1))
    send({"question_for_team": "Who takes the stitches out?"})
    visit = page(phone, "/visit/")
    assert "with Dr. Shah" in visit
    newest = visit.index("Who takes the stitches out?")
    assert newest < visit.index("May I &lt;swim&gt;?") < visit.index("How can we keep my bones strong")
    assert "Your back pain went down, from 6 to 2." in visit
    assert "Back pain: 6 of 10. Walking: In the house. Pain pills: None." in visit


def test_staff_read_the_patients_questions_on_the_chart(people: Cast, send: Send, settings: object) -> None:
    settings.STAFF_SECOND_FACTOR = False
    desk = signed_in(people.nurse)
    address = f"/desk/patients/{people.patient.code}/"
    assert "Questions for the visit" not in page(desk, address)
    send({"question_for_team": "May I swim?"})
    chart = page(desk, address)
    assert "May I swim?" in chart[chart.index("Questions for the visit") :]


def test_a_question_asked_twice_stands_once(people: Cast, send: Send) -> None:
    logs = [send({"question_for_team": " May I swim? "}).log for _ in range(2)] + [send().log]
    assert [question.text for question in own_questions(logs)] == ["May I swim?"]


@pytest.mark.parametrize("path", ["/learn/", "/visit/"])
def test_with_no_recovery_watched_the_pages_say_so(phone: Client, people: Cast, path: str) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert "No recovery is being watched right now" in page(phone, path)


def test_the_hand_out_for_before_the_procedure_names_nobody(people: Cast, settings: object) -> None:
    settings.STAFF_SECOND_FACTOR = False
    found = page(signed_in(people.nurse), "/desk/before/")
    assert "Find someone who can take you home." in found
    assert "What happens if we do not do it?" in found
    assert people.clinic.name in found
    for patient in Patient.all_clinics.all():
        assert patient.last_name not in found


def test_why_we_ask_is_told_on_the_first_day(phone: Client, people: Cast) -> None:
    people.procedure.ended_at = timezone.now() - timedelta(hours=3)
    people.procedure.save()
    assert "Why we ask every day" in good_to_know(page(phone, "/today/"))


def test_the_hand_out_for_before_the_procedure_prints_in_spanish_too(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    found = page(signed_in(people.nurse), "/desk/before/?language=es")
    assert 'class="handout" lang="es"' in found
    assert "Cosas por hacer" in found
    assert "¿Por qué se me rompió el hueso?" in found
    assert "Print this page (Ctrl+P)" in found
