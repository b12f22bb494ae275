"""The QR code on the card: one button, one code. Old cards say what to do."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from patients.models import StoppedNumber
from patients.sign_in import cards
from tests.patients import letterbox
from tests.patients.letterbox import code_by_email, code_by_text, texts
from tests.patients.pages import signed_in, text
from tests.people import Cast


@pytest.fixture(autouse=True)
def post(settings: Any, db: None) -> None:
    settings.SMS_BACKEND = letterbox.PATH
    texts.clear()
    cache.clear()


def address(people: Cast) -> str:
    return f"/hello/{people.patient.card_token}/"


def test_the_card_greets_by_first_name_and_shows_a_masked_address(people: Cast, client: Client) -> None:
    page = text(client.get(address(people)))
    assert "Hello, Rosa" in page
    assert f"{people.patient.email[0]}•••@…" in page
    assert people.patient.email not in page
    assert "Recovers" not in page


def test_the_button_sends_a_code_that_signs_in(people: Cast, client: Client) -> None:
    assert client.post(address(people)).url == "/sign-in/code/enter/"
    client.post("/sign-in/code/enter/", {"code": code_by_email()})
    assert int(client.session["_auth_user_id"]) == people.patient.user_id


def test_a_phone_comes_before_the_mailbox(people: Cast, client: Client) -> None:
    user = people.patient.user
    assert user
    user.phone = "+13125551234"
    user.save()
    assert "•••• 1234" in text(client.get(address(people)))
    client.post(address(people))
    assert code_by_text()


def test_reading_the_page_sends_nothing(people: Cast, client: Client) -> None:
    client.get(address(people))
    client.head(address(people))
    assert letterbox.nothing_comes()


@pytest.mark.parametrize("replaced", [True, False])
def test_an_old_card_says_what_to_do(people: Cast, client: Client, replaced: bool) -> None:
    old = address(people)
    if replaced:
        cards.new_token(people.patient)
    answer = client.get(old if replaced else f"/hello/{uuid.uuid4()}/")
    assert answer.status_code == 404
    assert "This card is no longer valid: ask your clinic" in text(answer)


def test_codes_by_card_are_limited_too(people: Cast) -> None:
    assert [Client().post(address(people)).status_code for _ in range(4)] == [302, 302, 302, 429]


def test_the_holder_who_is_signed_in_goes_on(people: Cast) -> None:
    assert signed_in(people.patient).get(address(people)).url == "/"


def test_on_somebody_else_s_device_it_asks_to_sign_out_first(people: Cast) -> None:
    client = signed_in(people.helper)
    assert "Sign out first" in text(client.get(address(people)))
    client.post(address(people))
    assert letterbox.nothing_comes()


def test_after_stop_the_card_names_the_mailbox_to_which_the_code_goes(people: Cast, client: Client) -> None:
    user = people.patient.user
    assert user
    user.phone = "+13125551234"
    user.save()
    StoppedNumber.objects.create(number="+13125551234", stopped_at=timezone.now())
    assert f"{user.email[0]}•••@…" in text(client.get(address(people)))
    user.email = ""
    user.save()
    assert "•••• 1234" in text(client.get(address(people)))


def test_the_card_of_somebody_whose_sign_in_was_stopped_says_what_to_do(people: Cast, client: Client) -> None:
    user = people.patient.user
    assert user
    user.is_active = False
    user.save()
    answer = client.post(address(people))
    assert answer.status_code == 404
    assert "ask your clinic" in text(answer)
    assert letterbox.nothing_comes()
