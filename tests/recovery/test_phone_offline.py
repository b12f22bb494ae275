"""What the server gives a phone for the hours without a signal, and what it takes back at sign-out."""

import pytest
from django.test import Client

from recovery.models import DailyLog
from recovery.phone.offline.service_worker import version
from tests.patients import pages
from tests.people import Cast
from tests.recovery.conftest import CALM
from tests.recovery.phone import user_of


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def test_the_worker_may_answer_for_every_page_and_is_asked_for_again_each_time(client: Client) -> None:
    answer = client.get("/sw.js")
    assert (answer["Service-Worker-Allowed"], answer["Cache-Control"]) == ("/", "no-cache")
    assert answer["Content-Type"].startswith("text/javascript")
    assert f'"version": "{version()}"' in pages.text(answer)


def test_the_kept_log_page_has_no_id_no_answer_and_no_name(phone: Client, people: Cast) -> None:
    page = phone.get("/log/shell/")
    text = pages.text(page)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store, private")
    assert 'name="client_id" id="id_client_id"' in text
    assert f'name="about" value="{people.patient.code}"' in text
    assert "Rosa" not in text
    assert "Recovers" not in text


def test_the_offline_page_has_the_clinics_numbers_for_its_patients_alone(client: Client, people: Cast) -> None:
    assert "tel:911" in pages.text(client.get("/offline/"))
    assert people.clinic.name not in pages.text(client.get("/offline/"))
    client.force_login(user_of(people.patient))
    text = pages.text(client.get("/offline/"))
    assert people.clinic.name in text
    assert "Rosa" not in text


def test_signing_out_never_takes_what_other_people_wrote_on_this_phone(phone: Client) -> None:
    assert "Clear-Site-Data" not in phone.get("/today/")
    assert phone.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in phone.get("/accounts/login/")


def test_a_page_that_comes_back_asks_about_a_warning_sign_in_the_note(phone: Client) -> None:
    hidden = 'id="note-confirm" class="ask-note" hidden'
    incomplete = {name: value for name, value in CALM.items() if name != "back_change"}
    calm = phone.post("/log/", {**incomplete, "notes": "slept well, no chest pain"})
    asking = phone.post("/log/", {**incomplete, "notes": "my foot is numb"})
    assert (calm.status_code, asking.status_code) == (422, 422)
    assert hidden in pages.text(calm)
    assert hidden not in pages.text(asking)
    phone.post("/log/", {**CALM, "notes": "my foot is numb", "notes_confirm": "not_now"})
    assert DailyLog.objects.get(partial=False).answers["notes_confirm"] == "not_now"


def test_a_nurses_device_can_still_be_told_after_she_signed_out(client: Client, people: Cast) -> None:
    client.force_login(people.nurse.user)
    client.get("/accounts/2fa/")
    assert "Clear-Site-Data" not in client.post("/accounts/logout/")
