"""A nurse is signed out while she writes or phones: her words wait for her, and for nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertEvent
from alerts.tasks import forget_old_sessions
from patients.models import Session, Staff
from patients.sign_in.session_store import name_of
from tests.patients.pages import nobody_clicks, signed_in, text
from tests.people import Cast
from tests.recovery.conftest import NUMB, Send
from tests.recovery.desk import action, alert_of, chart

PASSWORD = "a long enough password"
TYPED = {"level": "contacted", "note": "Spoke at 3: legs strong, calls at 8."}
LATER = 20


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def alert(people: Cast, send: Send) -> Alert:
    send(NUMB)
    return alert_of(people.patient)


def sign_in(client: Client, who: Staff, back: str) -> Any:
    """By the page, as she does it."""
    who.user.set_password(PASSWORD)
    who.user.save()
    EmailAddress.objects.get_or_create(
        user=who.user, email=who.user.email, defaults={"verified": True, "primary": True}
    )
    typed = {"login": who.user.email, "password": PASSWORD, "next": back}
    return client.post("/accounts/login/", typed, follow=True)


def test_what_she_typed_is_in_its_form_when_she_is_back(people: Cast, alert: Alert) -> None:
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    answer = client.post(page, TYPED)
    assert answer.url == f"/accounts/login/?idle=1&next={page}"
    assert "What you typed is kept" in text(client.get(answer.url))
    assert not AlertEvent.objects.filter(what="contacted").exists()
    back = sign_in(client, people.nurse, page)
    assert back.request["PATH_INFO"] == page
    assert TYPED["note"] in text(back)
    assert "signed out before this was sent" in text(back)
    assert re.search(r'value="contacted"[^>]* checked|checked[^>]* value="contacted"', text(back))
    assert client.post(page, TYPED).status_code == 302
    assert TYPED["note"] not in text(client.get(page))  # shown once


def test_what_version_0_1_kept_is_there_after_the_update(people: Cast, alert: Alert) -> None:
    """It said when keeping began, not until when."""
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    client.post(page, TYPED)
    session = client.session
    form = session["kept_forms"][page]
    session["kept_forms"] = {page: {**form, "at": form["until"] - 3600}}
    del session["kept_forms"][page]["until"]
    session.save()
    assert TYPED["note"] in text(sign_in(client, people.nurse, page))


def test_so_it_is_when_another_tab_noticed_first(people: Cast, alert: Alert) -> None:
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    assert client.get("/desk/rows/", headers={"X-Background": "1"}).status_code == 401
    assert client.post(page, TYPED).url == f"/accounts/login/?idle=1&next={page}"
    assert TYPED["note"] in text(sign_in(client, people.nurse, page))


def test_somebody_else_at_the_same_computer_never_reads_it(people: Cast, alert: Alert) -> None:
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    client.post(page, TYPED)
    assert TYPED["note"] not in text(sign_in(client, people.nurse2, page))
    assert "kept_forms" not in client.session


def test_after_an_hour_it_is_gone_from_the_database_too(people: Cast, alert: Alert) -> None:
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    client.post(page, TYPED)
    kept = client.session.session_key
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        forget_old_sessions()
        assert not Session.objects.filter(name=name_of(kept)).exists()


def test_a_press_that_has_no_page_of_its_own_leads_back_to_where_it_was(people: Cast, alert: Alert) -> None:
    client, seen = signed_in(people.nurse), chart(people.patient)
    client.get(seen)
    nobody_clicks(client, LATER)
    answer = client.post(action(alert, "acknowledge"), headers={"referer": f"http://testserver{seen}"})
    assert answer.url.endswith(f"next={seen}")
    other = signed_in(people.nurse2)
    other.get(seen)
    nobody_clicks(other, LATER)
    far = {"referer": "https://elsewhere.example/desk/x"}
    assert other.post(action(alert, "acknowledge"), headers=far).url.endswith("next=/desk/")


def test_a_press_that_was_not_done_is_never_called_safe(people: Cast, alert: Alert) -> None:
    client, seen = signed_in(people.nurse), chart(people.patient)
    client.get(seen)
    nobody_clicks(client, LATER)
    answer = client.post(action(alert, "acknowledge"), headers={"referer": f"http://testserver{seen}"})
    shown = text(client.get(answer.url))
    assert "What you just pressed was not done" in shown
    assert "is lost" not in shown
    alert.refresh_from_db()
    assert alert.state == "open"


def test_words_too_long_to_keep_are_not_called_kept(people: Cast, alert: Alert) -> None:
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    answer = client.post(page, {**TYPED, "note": "x" * 20000})
    assert "What you just pressed was not done" in text(client.get(answer.url))


def test_a_press_from_before_the_last_sign_in_says_that_it_was_not_done(people: Cast, alert: Alert) -> None:
    client, seen = Client(enforce_csrf_checks=True), chart(people.patient)
    client.force_login(people.nurse.user, backend="django.contrib.auth.backends.ModelBackend")
    client.get(seen)
    headers = {"Sec-Fetch-Site": "same-origin", "referer": f"http://testserver{seen}"}
    answer = client.post(action(alert, "acknowledge"), {"csrfmiddlewaretoken": "x" * 64}, headers=headers)
    assert answer.url == seen
    assert "What you just pressed was not done" in text(client.get(seen))


def test_who_signed_out_in_another_tab_comes_back_to_a_page_that_opens(people: Cast, alert: Alert) -> None:
    client, seen = signed_in(people.nurse), chart(people.patient)
    client.get(seen)
    client.post("/accounts/logout/")
    answer = client.post(action(alert, "acknowledge"), headers={"referer": f"http://testserver{seen}"})
    assert answer.url == f"/accounts/login/?pressed=1&next={seen}"
    assert "What you just pressed was not done" in text(client.get(answer.url))
    back = sign_in(client, people.nurse, seen)
    assert (back.status_code, back.request["PATH_INFO"]) == (200, seen)


def test_nobody_who_was_not_signed_out_here_leaves_anything(people: Cast, alert: Alert) -> None:
    client = Client()
    answer = client.post(action(alert, "contact"), TYPED)
    assert answer.status_code == 302
    assert not client.session.items()
    client, page = signed_in(people.nurse), action(alert, "contact")
    client.get(page)
    nobody_clicks(client, LATER)
    client.post(page, {**TYPED, "note": "x" * 20000})
    assert "kept_forms" not in client.session


def test_a_form_older_than_the_last_sign_in_comes_back_filled(people: Cast, alert: Alert) -> None:
    client, page = Client(enforce_csrf_checks=True), action(alert, "contact")
    client.force_login(people.nurse.user, backend="django.contrib.auth.backends.ModelBackend")
    client.get(page)
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post(page, {**TYPED, "csrfmiddlewaretoken": "x" * 64}, headers=own)
    assert answer.url == page
    assert TYPED["note"] in text(client.get(page))
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        refused = client.post(page, {**TYPED, "csrfmiddlewaretoken": "x" * 64}, headers=headers)
        assert refused.status_code == 403
    assert "kept_forms" not in client.session


def test_an_address_that_only_answers_a_button_says_so_and_leads_on(people: Cast, alert: Alert) -> None:
    """Where somebody lands who pressed while signed out, and then signed in."""
    for who, address in ((people.patient, "/my/number/"), (people.nurse, action(alert, "acknowledge"))):
        answer = signed_in(who).get(address)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert "This address only answers a button" in text(answer)
        assert 'href="/"' in text(answer)
    assert not Client().put("/my/number/").content
