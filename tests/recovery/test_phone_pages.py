"""Today, Plan and History: where somebody stands, in true words."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from patients.models import Caregiver
from recovery.journey import actions
from recovery.phone.cited_documents import titles
from recovery.phone.pain_chart import HEIGHT, pain_chart, trend
from tests.patients.pages import text
from tests.people import Cast, make_patient, make_procedure
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


def test_today_says_the_day_and_offers_the_one_button(phone: Client) -> None:
    today = page(phone, "/today/")
    assert "Day 2" in today
    assert 'href="/log/">How are you today?<small>' in today
    assert "Do not lift heavy things, bend, or twist." in today


@pytest.mark.parametrize("path", ["/today/", "/log/", "/plan/", "/history/"])
def test_911_and_the_clinics_numbers_are_on_every_page(phone: Client, people: Cast, path: str) -> None:
    people.clinic.after_hours_phone = "+13125550199"
    people.clinic.save()
    found = page(phone, path)
    for number in ("911", "+13125550100", "+13125550199"):
        assert f'href="tel:{number}"' in found


def test_no_page_carries_a_script_or_style_of_its_own(phone: Client, send: Send) -> None:
    log = send(NUMB).log
    for path in ("/today/", "/log/", "/plan/", "/history/", f"/log/{log.code}/advice/"):
        found = page(phone, path)
        assert "<style" not in found
        assert " style=" not in found
        assert "<script>" not in found
        assert " onclick=" not in found


def test_the_urgent_message_stays_until_somebody_answers(phone: Client, people: Cast, send: Send) -> None:
    send(NUMB)
    assert "Call your doctor now" in page(phone, "/today/")
    actions.acknowledge(staff=people.nurse, code=Alert.objects.get().code, now=timezone.now())
    assert "Seen by your nurse Nora at" in page(phone, "/today/")
    assert "Seen by your nurse Nora at" in page(phone, "/today/?part=told")


def test_nothing_is_allowed_while_911_is_open(phone: Client, send: Send) -> None:
    send(BREATHLESS)
    today = page(phone, "/today/")
    assert "Call 911 now" in today
    assert "You can do this" not in today


def test_no_step_stands_without_a_word_while_911_is_open(phone: Client, people: Cast, send: Send) -> None:
    people.procedure.ended_at = timezone.now() - timedelta(hours=20)
    people.procedure.save()
    send(BREATHLESS)
    today = page(phone, "/today/")
    assert re.search(r"Driving</span>:\s*We will tell you when\.", today)
    assert not re.search(r"</strong>\s*</div></li>", today)


def test_a_blood_thinner_on_hold_is_held_back_not_cared_for(phone: Client, people: Cast) -> None:
    people.procedure.blood_thinner_held = True
    people.procedure.save()
    today = page(phone, "/today/")
    held = today[today.index("Hold back on this") :]
    assert "Your blood thinner" in held[: held.index("</section>")]


def test_a_procedure_to_come_shows_its_date_and_no_plan(phone: Client, people: Cast) -> None:
    people.procedure.ended_at = timezone.now() + timedelta(days=3)
    people.procedure.save()
    assert "Your procedure: <strong>" in page(phone, "/today/")
    assert "The steps start after your procedure." in page(phone, "/plan/")


def test_the_plan_names_status_and_source_of_every_step(phone: Client) -> None:
    plan = page(phone, "/plan/")
    sources = plan[plan.index("Where this comes from") :]
    assert plan.count("plan-status") == sources.count("<dt>") > 10
    assert sources.count("<dd>") >= sources.count("<dt>")
    assert "Kyphoplasty: care instructions" in sources
    assert "Not yet: </span>" in plan


def test_the_plan_folds_what_is_over_marks_today_and_says_why_a_step_waits(
    phone: Client, people: Cast, send: Send
) -> None:
    people.procedure.ended_at = timezone.now() - timedelta(days=3)
    people.procedure.save()
    send({"pain_meds": ["opioid"], "opioid_hours_since": 6})
    plan = page(phone, "/plan/")
    parts = [plan.index(words) for words in ("steps are over", 'id="now-title"', "Coming up", "more steps")]
    assert parts == sorted(parts)
    assert "day 3</h2>" in plan
    waits = plan[plan.index("Driving") :]
    assert "strong pain pill" in waits[:600]
    assert "We look again" in waits[:600]


def test_history_tells_pain_in_words_then_picture_then_numbers(phone: Client, send: Send) -> None:
    now = timezone.now()
    for days, pain in ((1.5, 7), (0.2, 3)):
        send({"pain_move": pain}, answered_at=now - timedelta(days=days))
    history = page(phone, "/history/")
    words = history.index("Your back pain went down, from 7 to 3.")
    assert words < history.index('<svg class="chart"') < history.index("<table")
    assert "On track" in history


def test_history_without_logs_says_so(phone: Client) -> None:
    assert "There is no log yet." in page(phone, "/history/")


def test_a_helper_with_two_people_sees_whom_they_answer_for(client: Client, people: Cast) -> None:
    client.force_login(people.helper.user)
    assert "For <strong>Rosa Recovers" in page(client, "/today/")


def test_a_helper_of_several_is_asked_whom_it_is_about_before_anything_is_shown(
    client: Client, people: Cast
) -> None:
    second = make_patient(people.clinic, first_name="Walter")
    make_procedure(second)
    Caregiver.objects.create(patient=second, user=people.helper.user)
    client.force_login(people.helper.user)
    asked = page(client, "/today/")
    assert "Who is this about?" in asked
    assert "Day 2" not in asked
    assert client.get("/log/")["Location"] == "/today/"
    client.post(f"/act-for/{second.code}/")
    assert "For <strong>Walter Recovers" in page(client, "/log/")
    assert re.search(r'href="/people/">\s*Change', page(client, "/today/"))


def test_times_are_those_of_the_patients_clocks(phone: Client, people: Cast, send: Send) -> None:
    people.patient.timezone = "Asia/Tokyo"
    people.patient.save()
    at = timezone.now() - timedelta(hours=1)
    send(answered_at=at)
    tokyo = at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{tokyo:%I:%M %p}".lstrip("0") in page(phone, "/history/")


def test_the_trend_is_words_without_a_judgement() -> None:
    now = timezone.now()
    assert trend([(now, 4), (now, 5)]) == "Your back pain is about the same: 4 at first, 5 in your last log."
    assert trend([(now, 4), (now, 6)]).startswith("Your back pain went up, from 4 to 6.")


def test_one_reading_makes_no_picture_and_two_stay_inside_it() -> None:
    now = timezone.now()
    assert pain_chart([(now, 4)]) is None
    chart = pain_chart([(now, 0), (now, 10)])
    assert chart
    assert all(0 < point.y < HEIGHT for point in chart.points)


def test_each_document_is_named_once_and_defaults_last() -> None:
    assert titles(["default DF-30", "healthwise DN-10", "healthwise DN-11"]) == [
        "Kyphoplasty: care instructions",
        "App default, not from the documents",
    ]


def test_the_clinics_own_words_about_the_bandage_stand_on_the_plan_as_text(phone: Client, people: Cast) -> None:
    assert "Your bandage" not in page(phone, "/plan/")
    people.procedure.wound_instructions = "Keep it dry.\n\n<b>Shower</b> on day two."
    people.procedure.save()
    plan = page(phone, "/plan/")
    assert "Your bandage and the spot on your back" in plan
    assert "&lt;b&gt;Shower&lt;/b&gt; on day two." in plan
