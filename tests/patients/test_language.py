"""A person's language: chosen before or after sign-in, of the person and not of the browser, never of staff."""

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation

from patients.models import User
from tests.patients.pages import as_sent, signed_in
from tests.people import Cast
from tests.waiting import until

pytestmark = pytest.mark.django_db
COOKIE = settings.LANGUAGE_COOKIE_NAME
LOGIN = "/accounts/login/"


def language_of_page(client: Client, path: str = LOGIN, **headers: str) -> str:
    return str(client.get(path, headers=headers, follow=True).headers["Content-Language"])


def test_the_first_screen_follows_the_phone_and_then_the_choice() -> None:
    client = Client()
    assert language_of_page(client) == "en"
    assert language_of_page(client, **{"accept-language": "es-MX,es;q=0.9"}) == "es"
    assert language_of_page(client, **{"accept-language": "fr"}) == "en"
    client.post("/language/", {"language": "en", "next": LOGIN})
    assert language_of_page(client, **{"accept-language": "es-MX"}) == "en"


def test_each_first_screen_lets_one_choose(people: Cast) -> None:
    switch = '<button class="link" name="language" value="es"'
    card = f"/hello/{people.patient.card_token}/"
    assert switch in Client().get(LOGIN).content.decode()
    assert switch in Client().get(card).content.decode()
    assert switch in signed_in(people.helper).get("/people/").content.decode()


def test_the_choice_goes_back_to_the_page_and_never_elsewhere() -> None:
    client = Client()
    assert client.post("/language/", {"language": "es", "next": LOGIN}).headers["Location"] == LOGIN
    away = {"language": "es", "next": "https://elsewhere.example/"}
    assert client.post("/language/", away).headers["Location"] == "/"
    assert client.post("/language/", {"language": "klingon"}).status_code == 404
    assert client.get("/language/").status_code == 405


def test_what_was_chosen_before_sign_in_becomes_the_persons_own(people: Cast) -> None:
    user = User.objects.get(pk=people.patient.user_id)
    client = signed_in(user)
    client.cookies[COOKIE] = "es"
    assert language_of_page(client, "/today/") == "es"
    assert User.objects.get(pk=user.pk).language == "es"
    # another browser follows the person
    assert language_of_page(signed_in(user), "/today/") == "es"


def test_a_shared_phone_does_not_change_what_somebody_chose(people: Cast) -> None:
    user = User.objects.get(pk=people.patient.user_id)
    User.objects.filter(pk=user.pk).update(language="en")
    client = signed_in(user)
    client.cookies[COOKIE] = "es"
    assert language_of_page(client, "/today/") == "en"
    client.post("/language/", {"language": "es"})
    assert User.objects.get(pk=user.pk).language == "es"


def test_staff_read_english_whatever_the_browser_chose(people: Cast) -> None:
    client = signed_in(people.nurse)
    client.cookies[COOKIE] = "es"
    client.post("/language/", {"language": "es"})
    assert language_of_page(client, "/desk/") == "en"
    assert User.objects.get(pk=people.nurse.user.pk).language == ""


def test_no_request_leaves_its_language_to_the_next() -> None:
    with translation.override("en"):
        assert language_of_page(Client(), **{"accept-language": "es"}) == "es"
        assert translation.get_language() == "en"


def test_staff_set_a_patients_language_on_the_record(people: Cast) -> None:
    client = signed_in(people.nurse)
    page = f"/desk/patients/{people.patient.code}/record/"
    shown = client.get(page).context
    forms = [form for form in shown["forms"] if form is not shown["closing"]]
    answer = client.post(page, {**as_sent(*forms), "seen": shown["seen"], "language": "es"})
    assert answer.status_code == 302
    assert User.objects.get(pk=people.patient.user_id).language == "es"
    assert client.get(page).context["zone"]["language"].value() == "es"


def test_a_code_is_written_in_the_language_of_its_reader(people: Cast) -> None:
    user = User.objects.get(pk=people.patient.user_id)
    User.objects.filter(pk=user.pk).update(language="es")
    Client().post("/sign-in/code/", {"address": user.email})
    until(lambda: len(mail.outbox))
    assert "Su código para entrar es" in str(mail.outbox[0].body)
    assert "es su código de Kypho Recovery" in mail.outbox[0].subject
