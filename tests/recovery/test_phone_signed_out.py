"""Nothing answered is lost by a session or a page that ran out."""

import re
import uuid
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from patients.sign_in.kept_forms import KEPT
from recovery.models import DailyLog
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, CALM, NUMB
from tests.recovery.phone import user_of

NUMB_IS_CHECKED = re.compile(r'<input type="checkbox" name="numb"\s+value="yes"\s+checked')


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def about(people: Cast) -> dict[str, str]:
    return {"about": str(people.patient.code)}


def test_answers_sent_signed_out_come_back_after_signing_in(client: Client, people: Cast) -> None:
    answer = client.post("/log/", {**CALM, **NUMB, **about(people)})
    assert answer.status_code == 401
    assert b"Your answers are still here" in answer.content
    assert b"Call your doctor now" in answer.content
    client.force_login(user_of(people.patient))
    page = text(client.get("/log/"))
    assert "You were signed out. Your answers are still here." in page
    assert NUMB_IS_CHECKED.search(page)
    assert "error-summary" not in page
    client.post("/log/", {**CALM, **NUMB})
    assert KEPT not in client.session


def before_the_update(client: Client, people: Cast, seconds: float) -> None:
    """As version 0.1 kept answers, so many seconds ago."""
    session = client.session
    form = urlencode({**CALM, **NUMB, **about(people)})
    session["unsent_log"] = {"form": form, "at": timezone.now().timestamp() - seconds}
    session.save()


@pytest.mark.parametrize(("hours", "is_there"), [(1, True), (13, False)])
def test_answers_that_were_kept_before_an_update_are_there_after_it(
    client: Client, people: Cast, hours: int, is_there: bool
) -> None:
    before_the_update(client, people, hours * 3600)
    client.force_login(user_of(people.patient))
    page = text(client.get("/log/"))
    assert ("Your answers are still here." in page) == is_there
    assert bool(NUMB_IS_CHECKED.search(page)) == is_there
    client.post("/log/", {**CALM, **NUMB})
    assert "unsent_log" not in client.session


def test_answers_of_before_an_update_are_shown_to_nobody_else(client: Client, people: Cast) -> None:
    before_the_update(client, people, 60)
    client.force_login(user_of(people.other_patient))
    assert "Your answers are still here." not in text(client.get("/log/"))
    assert "unsent_log" not in client.session


def test_an_emergency_sent_signed_out_shows_911_first(client: Client, people: Cast) -> None:
    page = text(client.post("/log/", {"em_breath": "some", **about(people)}))
    assert page.index('href="tel:911"') < page.index("You were signed out")
    assert "Call 911 now" in page


def test_kept_answers_are_shown_to_nobody_else(client: Client, people: Cast) -> None:
    client.post("/log/", {**CALM, "notes": "mine alone", **about(people)})
    client.force_login(user_of(people.other_patient))
    client.get("/log/")
    assert KEPT not in client.session


def test_a_whole_log_by_the_phones_script_ends_the_keeping(client: Client, people: Cast) -> None:
    client.post("/log/", {**CALM, **about(people)})
    client.force_login(user_of(people.patient))
    client.post("/api/logs/", {"client_id": str(uuid.uuid4()), "answers": CALM}, content_type="application/json")
    assert KEPT not in client.session


def test_kept_answers_of_another_day_are_gone(client: Client, people: Cast) -> None:
    client.post("/log/", {**CALM, **about(people)})
    session = client.session
    session[KEPT]["/log/"]["until"] = 0
    session.save()
    client.force_login(user_of(people.patient))
    assert "You were signed out" not in text(client.get("/log/"))


def test_a_very_long_note_gives_way_and_the_answers_stay(client: Client, people: Cast) -> None:
    answer = client.post("/log/", {**BREATHLESS, "about": people.patient.code, "notes": "x" * 70_000})
    assert b"Call 911 now" in answer.content
    client.force_login(user_of(people.patient))
    page = text(client.get("/log/"))
    assert "You were signed out" in page
    assert "x" * 1000 in page


def test_far_too_much_is_not_kept_and_says_so(client: Client, people: Cast) -> None:
    answer = client.post("/log/", {"client_id": "x" * 70_000})
    assert (answer.status_code, KEPT in client.session) == (401, False)
    assert b"too long to keep" in answer.content


def test_a_page_that_was_open_too_long_comes_back_with_its_answers(strict: Client, people: Cast) -> None:
    strict.force_login(user_of(people.patient))
    answer = strict.post("/log/", {**CALM, "notes": "still here"})
    page = text(answer)
    assert answer.status_code == 403
    assert "Please press Send again" in page
    assert "still here</textarea>" in page
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post("/log/", {**CALM, "csrfmiddlewaretoken": token}).status_code == 302
    assert DailyLog.objects.count() == 1


def test_a_stale_page_of_somebody_signed_out_keeps_the_answers_too(strict: Client, people: Cast) -> None:
    answer = strict.post("/log/", {**CALM, **about(people)})
    assert b"Your answers are still here" in answer.content
    assert KEPT in strict.session


def test_a_stale_token_at_the_json_door_is_a_problem_document(strict: Client, people: Cast) -> None:
    strict.force_login(user_of(people.patient))
    answer = strict.post("/api/logs/", "{}", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
