"""Staff: password and second factor, and out again when nobody clicks. Patients have no password."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from patients.models import User
from patients.sign_in.factor_secrets import activate_app
from tests.patients.letterbox import nothing_comes
from tests.patients.pages import nobody_clicks, signed_in, text
from tests.people import Cast
from tests.waiting import until

LOGIN = "/accounts/login/"
PASSWORD = "a-long-password-for-tests"


@pytest.fixture
def nurse(people: Cast) -> User:
    """A nurse with a password."""
    cache.clear()
    user = people.nurse.user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def test_a_nurse_signs_in_with_a_password(nurse: User, client: Client) -> None:
    assert sign_in(client, nurse.email).url == "/"
    assert client.get("/", follow=True).redirect_chain == [("/desk/", 302)]


def test_a_wrong_password_and_an_unknown_address_read_the_same(nurse: User, client: Client) -> None:
    words = "This e-mail and password do not belong together."
    assert words in text(sign_in(client, nurse.email, "wrong"))
    assert words in text(sign_in(client, "nobody@example.org"))


def test_many_wrong_passwords_are_slowed_down(nurse: User, client: Client) -> None:
    for _ in range(5):
        sign_in(client, nurse.email, "wrong")
    assert "Too many tries" in text(sign_in(client, nurse.email))


def test_the_second_factor_is_asked_for_after_the_password(nurse: User, client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    secret = generate_totp_secret()
    activate_app(nurse, secret)
    assert sign_in(client, nurse.email).url == "/accounts/2fa/authenticate/"
    assert client.get("/desk/").status_code == 302
    counter = next(yield_hotp_counters_from_time())
    client.post("/accounts/2fa/authenticate/", {"code": format_hotp_value(hotp_value(secret, counter))})
    assert client.get("/desk/").status_code == 200
    assert client.session.get_expiry_age() <= 12 * 3600


def test_a_nurse_without_a_second_factor_is_sent_to_set_one_up(nurse: User, client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    sign_in(client, nurse.email)
    assert client.get("/desk/").url == "/accounts/2fa/"
    page = text(client.get("/accounts/2fa/"))
    assert "Add a passkey" in page
    assert "Set up an app" in page


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/sessions/",
        "/accounts/2fa/webauthn/",
    ],
)
def test_every_page_about_ones_own_sign_in_opens(nurse: User, client: Client, address: str) -> None:
    sign_in(client, nurse.email)
    assert "<h1>" in text(client.get(address, follow=True))


def test_recovery_codes_show_and_can_be_made_again(nurse: User, client: Client) -> None:
    sign_in(client, nurse.email)
    activate_app(nurse, generate_totp_secret())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/recovery-codes/")
    assert Authenticator.objects.filter(user=nurse, type="recovery_codes").exists()
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200


def test_staff_are_signed_out_after_a_quarter_of_an_hour_without_a_click(people: Cast) -> None:
    client = signed_in(people.nurse)
    assert client.get("/desk/").status_code == 200
    nobody_clicks(client, 16)
    answer = client.get("/desk/")
    assert answer.url == "/accounts/login/?idle=1&next=/desk/"
    assert "nobody clicked" in text(client.get(answer.url))


def test_the_page_s_own_questions_do_not_keep_staff_signed_in(people: Cast) -> None:
    client = signed_in(people.nurse)
    client.get("/desk/")
    for minutes in (5, 5, 4):
        nobody_clicks(client, minutes)
        assert client.get("/desk/rows/", headers={"X-Background": "1"}).status_code == 200
    nobody_clicks(client, 2)
    assert client.get("/desk/rows/", headers={"X-Background": "1"}).status_code == 401
    assert client.get("/desk/").status_code == 302


def test_a_click_keeps_staff_signed_in(people: Cast) -> None:
    client = signed_in(people.nurse)
    client.get("/desk/")
    for _ in range(3):
        nobody_clicks(client, 10)
        assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize("hours", [1, -1])
def test_a_web_machine_whose_clock_is_wrong_signs_nobody_out_and_keeps_nobody_signed_in(
    people: Cast, hours: int
) -> None:
    client, now = signed_in(people.nurse), timezone.now()
    client.get("/desk/")
    with time_machine.travel(now + timedelta(hours=hours)):
        assert client.get("/desk/").status_code == 200
    nobody_clicks(client, 10)
    assert client.get("/desk/").status_code == 200
    nobody_clicks(client, 16)
    with time_machine.travel(now + timedelta(hours=hours)):
        assert client.get("/desk/").status_code == 302


def test_a_patient_stays_signed_in(people: Cast) -> None:
    client, now = signed_in(people.patient), timezone.now()
    client.get("/today/")
    with time_machine.travel(now + timedelta(days=30)):
        assert client.get("/today/").status_code == 200


def test_a_patient_gets_no_password_by_any_page(people: Cast, client: Client) -> None:
    user = people.patient.user
    assert user
    client.post("/accounts/password/reset/", {"email": user.email})
    assert nothing_comes()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/accounts/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_staff_get_a_link_to_choose_a_password(people: Cast, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": people.nurse.user.email})
    assert until(lambda: len(mail.outbox) == 1)
    link = next(word for word in str(mail.outbox[0].body).split() if "/accounts/password/reset/key/" in word)
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(Client(), people.nurse.user.email).url == "/"
