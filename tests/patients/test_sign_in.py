"""Patients and helpers sign in with a code. Nobody learns here who is known."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from patients.models import Patient, StoppedNumber, User
from tests.patients import letterbox
from tests.patients.letterbox import code_by_email, code_by_text, nothing_comes, texts
from tests.patients.pages import text
from tests.people import Cast

SEND, ENTER, AGAIN, LOGIN = "/sign-in/code/", "/sign-in/code/enter/", "/sign-in/code/again/", "/accounts/login/"


@pytest.fixture(autouse=True)
def post(settings: Any, db: None) -> Iterator[None]:
    """An SMS provider, and empty letter boxes."""
    settings.SMS_BACKEND = letterbox.PATH
    texts.clear()
    cache.clear()
    yield
    texts.clear()


@pytest.fixture
def rosa(people: Cast) -> User:
    """The patient, with a phone."""
    user = people.patient.user
    assert user
    user.phone = "+13125550177"
    user.save()
    return user


def ask(client: Client, address: str, **more: str) -> Any:
    return client.post(SEND, {"address": address, **more})


def signed_in_user(client: Client) -> int:
    return int(client.session.get("_auth_user_id", 0))


def test_a_code_by_email_signs_a_patient_in_for_half_a_year(rosa: User, client: Client) -> None:
    assert ask(client, rosa.email.upper()).url == ENTER
    answer = client.post(ENTER, {"code": code_by_email()})
    assert answer.url == "/"
    assert signed_in_user(client) == rosa.pk
    assert client.session.get_expiry_age() > 179 * 24 * 3600


@pytest.mark.parametrize("typed", ["(312) 555-0177", "312.555.0177", "+1 312 555 0177"])
def test_a_code_by_text_comes_however_the_number_is_typed(rosa: User, client: Client, typed: str) -> None:
    ask(client, typed)
    client.post(ENTER, {"code": code_by_text()})
    assert signed_in_user(client) == rosa.pk
    rosa.refresh_from_db()
    assert rosa.phone_verified


@pytest.mark.parametrize("shape", ["{0}{1}", "{0} {1}", " {0}-{1} "])
def test_spaces_and_dashes_in_the_code_are_fine(rosa: User, client: Client, shape: str) -> None:
    ask(client, rosa.email)
    code = code_by_email()
    client.post(ENTER, {"code": shape.format(code[:3], code[3:])})
    assert signed_in_user(client) == rosa.pk


def test_a_text_says_nothing_about_health(rosa: User, client: Client) -> None:
    ask(client, rosa.email)
    ask(client, "312-555-0177")
    code_by_email(), code_by_text()
    said = f"{mail.outbox[0].subject} {mail.outbox[0].body} {texts[0][1]}".lower()
    assert not [word for word in ("pain", "kyphoplasty", "clinic", "rosa", "recovers") if word in said]


@pytest.mark.parametrize("address", ["nobody@example.org", "+13125550999"])
def test_an_unknown_address_gets_the_same_pages_and_no_message(rosa: User, address: str) -> None:
    def pages(address: str) -> list[tuple[int, str]]:
        client, found = Client(), []
        for answer in (
            ask(client, address),
            client.get(ENTER),
            client.post(ENTER, {"code": "1 2"}),
            client.post(AGAIN),
        ):
            found.append((answer.status_code, text(answer).replace(address, "")))
        return [(status, _without_token(page)) for status, page in found]

    known = rosa.email if "@" in address else "+13125550177"
    assert pages(address) == pages(known)
    assert not [1 for message in mail.outbox if address in message.to]
    assert not [1 for number, _ in texts if number == address]


def _without_token(page: str) -> str:
    return "<".join(part for part in page.split("<") if "csrfmiddlewaretoken" not in part)


def test_an_unknown_address_never_gets_a_code(people: Cast, client: Client) -> None:
    ask(client, "nobody@example.org")
    client.post(AGAIN)
    assert nothing_comes()


def test_five_wrong_codes_and_one_starts_again(rosa: User, client: Client) -> None:
    ask(client, rosa.email)
    code = code_by_email()
    wrong = f"{(int(code) + 1) % 1000000:06}"
    answers = [client.post(ENTER, {"code": wrong}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [302]
    assert client.post(ENTER, {"code": code}).url == LOGIN
    assert signed_in_user(client) == 0


def test_an_empty_code_is_no_try(rosa: User, client: Client) -> None:
    ask(client, rosa.email)
    code = code_by_email()
    for _ in range(6):
        assert client.post(ENTER, {"code": ""}).status_code == 422
    client.post(ENTER, {"code": code})
    assert signed_in_user(client) == rosa.pk


def test_only_the_newest_code_works(rosa: User, client: Client) -> None:
    ask(client, "312-555-0177")
    first = code_by_text()
    client.post(AGAIN)
    newest = code_by_text(2)
    assert first != newest, "the code that was sent again is the old one"
    assert client.post(ENTER, {"code": first}).status_code == 422
    client.post(ENTER, {"code": newest})
    assert signed_in_user(client) == rosa.pk


def test_a_code_is_sent_again_at_most_twice(rosa: User, client: Client) -> None:
    ask(client, rosa.email)
    for _ in range(4):
        client.post(AGAIN)
    code_by_email(3)
    assert len(mail.outbox) == 3
    assert "Send again" not in text(client.get(ENTER))


def test_a_fourth_code_within_a_minute_is_refused(rosa: User) -> None:
    answers = [ask(Client(), rosa.email).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]


def test_an_old_code_is_refused_and_says_so(rosa: User, client: Client, settings: Any) -> None:
    ask(client, rosa.email)
    code = code_by_email()
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = -1
    answer = client.post(ENTER, {"code": code}, follow=True)
    assert "That code is too old" in text(answer)
    assert signed_in_user(client) == 0


def test_a_code_belongs_to_the_browser_that_asked(rosa: User, client: Client) -> None:
    ask(client, rosa.email)
    other = Client()
    assert other.post(ENTER, {"code": code_by_email()}).url == LOGIN
    assert signed_in_user(other) == 0


@pytest.mark.parametrize("typed", ["", "rosa", "12345", "rosa@", "x" * 300])
def test_what_is_no_address_stays_typed_with_the_way_to_write_it(people: Cast, client: Client, typed: str) -> None:
    answer = ask(client, typed)
    assert answer.status_code == 422
    assert typed in text(answer)
    assert 'id="id_address_error"' in text(answer)


def test_without_a_text_provider_every_phone_is_told_so(rosa: User, client: Client, settings: Any) -> None:
    settings.SMS_BACKEND = "alerts.messaging.channels.sms.NotSetUp"
    pages = [text(ask(client, number)) for number in ("+13125550177", "+13125550999")]
    assert all("Enter your e-mail instead" in page for page in pages)


def test_a_provider_that_fails_changes_nothing_on_the_page(rosa: User, client: Client, settings: Any) -> None:
    settings.SMS_BACKEND = "tests.patients.letterbox.Refusing"
    assert ask(client, "312-555-0177").url == ENTER


def test_a_closed_account_gets_no_code(rosa: User, client: Client) -> None:
    User.objects.filter(pk=rosa.pk).update(is_active=False)
    assert ask(client, rosa.email).url == ENTER
    assert nothing_comes()


def test_the_wish_where_to_go_is_kept_and_never_leads_away(rosa: User, client: Client) -> None:
    assert ask(client, rosa.email, next="/plan/").url == f"{ENTER}?next=%2Fplan%2F"
    assert client.post(ENTER, {"code": code_by_email(), "next": "/plan/"}).url == "/plan/"
    assert ask(Client(), rosa.email, next="https://evil.example/").url == ENTER


def test_a_signed_in_person_asks_for_no_code(rosa: User, client: Client) -> None:
    client.force_login(rosa, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(ENTER).url == "/"


def test_the_library_s_own_code_pages_let_nobody_in(rosa: User, client: Client) -> None:
    assert client.post("/accounts/login/code/", {"email": rosa.email}).status_code == 404
    assert client.post("/accounts/login/code/confirm/", {"code": "123456"}).status_code == 404
    assert nothing_comes()


@pytest.mark.parametrize("page", ["signup", "email", "phone/change", "password/set"])
def test_the_library_s_pages_to_change_who_one_is_are_closed(rosa: User, client: Client, page: str) -> None:
    assert client.get(f"/accounts/{page}/").status_code == 404
    client.force_login(rosa, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/accounts/{page}/", {"phone": "+13125550123"}).status_code == 404


def test_a_phone_is_no_way_around_the_code(rosa: User, client: Client) -> None:
    rosa.set_password("a-password-by-accident")
    rosa.save()
    client.post(LOGIN, {"login": "+13125550177", "password": "a-password-by-accident"})
    assert signed_in_user(client) == 0


@pytest.mark.parametrize("stopped", [False, True])
def test_a_code_that_came_by_email_proves_nothing_about_the_phone(
    rosa: User, client: Client, stopped: bool
) -> None:
    wrong_at = timezone.now()
    Patient.all_clinics.filter(user=rosa).update(phone=rosa.phone, phone_wrong_at=wrong_at)
    if stopped:
        StoppedNumber.objects.create(number=str(rosa.phone), stopped_at=timezone.now())
    ask(client, "312-555-0177")
    client.post(ENTER, {"code": code_by_email() if stopped else code_by_text()})
    assert signed_in_user(client) == rosa.pk
    rosa.refresh_from_db()
    assert rosa.phone_verified != stopped
    assert Patient.all_clinics.get(user=rosa).phone_wrong_at == (wrong_at if stopped else None)


def test_whoever_waits_for_a_text_reads_where_a_code_goes_after_stop(rosa: User, client: Client) -> None:
    ask(client, "312-555-0177")
    assert "Did you answer STOP to one of our texts?" in text(client.get(ENTER))
    ask(client, rosa.email)
    assert "STOP" not in text(client.get(ENTER))
