"""What a session has shown decides, at each request, and belongs to that session alone."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from patients.models import Staff, TrailEvent, User
from patients.services.staff import add_staff, change_staff
from patients.sign_in import proofs
from patients.sign_in.factor_secrets import activate_app
from patients.sign_in.proofs import Lack, shown_too_little
from tests.patients.letterbox import code_by_email
from tests.patients.pages import signed_in, text, went_by
from tests.people import Cast, make_patient
from tests.waiting import until

LOGIN, ACTIVATE = "/accounts/login/", "/accounts/2fa/totp/activate/"
PASSWORD = "a-long-password-for-tests"
TWELVE = 12 * 60


@pytest.fixture
def nurse(people: Cast, settings: Any) -> User:
    """A nurse with a password, where the second factor is asked for."""
    cache.clear()
    settings.STAFF_SECOND_FACTOR = True
    people.nurse.user.set_password(PASSWORD)
    people.nurse.user.save()
    return people.nurse.user


def with_password(user: User) -> Client:
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    return client


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def set_up_app(client: Client) -> str:
    """An authenticator app, by the page; its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(ACTIVATE)
    secret: str = client.session["mfa.totp.secret"]
    assert client.post(ACTIVATE, {"code": code_of(secret)}).status_code == 302
    return secret


@pytest.mark.django_db(transaction=True)
def test_a_session_that_never_showed_a_code_is_not_let_in_by_one_that_did(nurse: User) -> None:
    first, second = with_password(nurse), with_password(nurse)
    set_up_app(first)
    assert first.get("/desk/").status_code == 200
    answer = second.get("/desk/")
    assert answer.url == "/accounts/login/?proof=1&next=/desk/"
    assert "second factor, or with a passkey" in text(second.get(answer.url))
    assert "_auth_user_id" not in second.session


@pytest.mark.django_db(transaction=True)
def test_such_a_session_can_not_take_the_factor_away_either(nurse: User) -> None:
    first, second = with_password(nurse), with_password(nurse)
    second.post("/accounts/reauthenticate/", {"password": PASSWORD})
    set_up_app(first)
    second.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=nurse, type="totp").exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_sets_up_a_factor_is_told_by_e_mail_and_in_the_trail(nurse: User) -> None:
    set_up_app(with_password(nurse))
    assert TrailEvent.objects.filter(what="factor_added", user=nurse, detail="totp").count() == 1
    assert until(lambda: any("sign-in has changed" in one.subject for one in mail.outbox))
    assert [one.to for one in mail.outbox] == [[nurse.email]]


def test_a_session_goes_with_the_factor_it_showed(nurse: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    factor = activate_app(nurse, secret).instance
    client = with_password(nurse)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/desk/").status_code == 200
    factor.delete()
    activate_app(nurse, secret)
    assert client.get("/desk/").url.startswith("/accounts/login/?proof=1")


def test_a_code_by_e_mail_is_no_way_in_for_staff(nurse: User, client: Client) -> None:
    client.post("/sign-in/code/", {"address": nurse.email})
    client.post("/sign-in/code/enter/", {"code": code_by_email()})
    assert client.get("/desk/").url.startswith("/accounts/login/?proof=1")


def test_somebody_stopped_who_signs_in_meanwhile_is_not_in_for_good(people: Cast, nurse: User) -> None:
    Staff.objects.filter(user=nurse).update(active=False)
    client = with_password(nurse)
    assert client.get("/", follow=True).status_code == 200
    add_staff(clinic=people.clinic, email=nurse.email, first_name="", last_name="", role="nurse")
    assert client.get("/desk/").url == "/accounts/login/?next=/desk/"


@pytest.mark.parametrize("by", ["row", "page"])
def test_who_becomes_staff_while_signed_in_shows_what_staff_show(people: Cast, nurse: User, by: str) -> None:
    Staff.objects.filter(user=nurse).update(active=False)
    client = with_password(nurse)
    client.get("/nobody-yet/")
    Staff.objects.filter(user=nurse).update(active=True)
    went_by(client, 20)
    answer = client.get("/desk/")
    assert answer.url.startswith("/accounts/login/?idle=1")


@pytest.mark.slow
def test_a_sign_in_with_a_password_lasts_a_shift_however_often_somebody_clicks(nurse: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client = with_password(nurse)
    for _ in range(TWELVE // 14):
        went_by(client, 14)
        assert client.get("/desk/").status_code == 200
    assert client.session.get_expiry_age() <= 12 * 3600
    went_by(client, 14)
    answer = client.get("/desk/")
    assert answer.url == "/accounts/login/?old=1&next=/desk/"
    assert "a sign-in lasts 12 hours" in text(client.get(answer.url))


def test_typing_the_password_again_begins_no_new_shift(nurse: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client = with_password(nurse)
    client.get("/desk/")
    came_in = client.session[proofs.CAME_IN]
    went_by(client, 10)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.session[proofs.CAME_IN] == came_in - 600


def test_a_new_role_ends_what_was_open(people: Cast) -> None:
    client = signed_in(people.nurse)
    assert client.get("/desk/").status_code == 200
    change_staff(manager=people.manager, person=people.nurse, active=True, role="physician")
    assert client.get("/desk/").status_code == 302
    assert "_auth_user_id" not in client.session
    words = TrailEvent.objects.filter(user=people.nurse.user).values_list("what", "detail", "by_id")
    assert ("access_changed", "physician", people.manager.user_id) in words


def test_access_that_is_stopped_ends_what_was_open(people: Cast) -> None:
    client = signed_in(people.nurse)
    client.get("/desk/")
    change_staff(manager=people.manager, person=people.nurse, active=False, role="nurse")
    change_staff(manager=people.manager, person=people.nurse, active=True, role="nurse")
    assert client.get("/desk/").status_code == 302


def test_a_new_password_ends_every_other_session(nurse: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    here, elsewhere = with_password(nurse), with_password(nurse)
    new = "another-long-one-for-tests"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert here.get("/desk/").status_code == 200
    assert elsewhere.get("/desk/").status_code == 302
    assert TrailEvent.objects.filter(what="password_changed", user=nurse).exists()


def test_a_nurse_who_is_a_patient_is_staff_wherever_she_goes(people: Cast, nurse: User, client: Client) -> None:
    make_patient(people.other_clinic, user=nurse)
    client.post("/sign-in/code/", {"address": nurse.email})
    client.post("/sign-in/code/enter/", {"code": code_by_email()})
    assert client.get("/today/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_patient_stays_signed_in_and_their_session_keeps_nothing_of_who_they_are(people: Cast) -> None:
    client = signed_in(people.patient)
    client.get("/today/")
    kept = set(client.session.keys()) - {"_auth_user_id", "_auth_user_backend", "_auth_user_hash"}
    assert kept <= {"last_seen", "device", "signed_in_at"}
    with time_machine.travel(timezone.now() + timedelta(days=100)):
        assert client.get("/today/").status_code == 200


def test_a_session_that_was_ended_elsewhere_leaves_no_page_in_the_browser_s_cache(people: Cast) -> None:
    client = signed_in(people.patient)
    client.get("/today/")
    User.objects.filter(pk=people.patient.user_id).update(times_signed_out=1)
    answer = client.get("/today/")
    assert (answer.status_code, answer["Clear-Site-Data"]) == (302, '"cache"')
    assert "Clear-Site-Data" not in client.get("/accounts/login/")


PASSWORD_SHOWN = {"method": "password"}
CODE_SHOWN = {"method": "code"}
RECORDS = st.lists(
    st.one_of(
        st.just(PASSWORD_SHOWN),
        st.just(CODE_SHOWN),
        st.builds(
            lambda pk, kind, alone: {"method": "mfa", "id": pk, "type": kind, "passwordless": alone},
            st.integers(1, 4),
            st.sampled_from(["totp", "webauthn", "recovery_codes"]),
            st.booleans(),
        ),
    ),
    max_size=5,
)


@given(RECORDS, st.sets(st.integers(1, 4)))
def test_nobody_is_let_in_without_a_factor_they_have(records: list[dict[str, Any]], factors: set[int]) -> None:
    shown = [one for one in records if one["method"] == "mfa"]
    if shown_too_little(records, factors) == Lack.NOTHING:
        assert factors
        assert any(one["id"] in factors or one["type"] == "recovery_codes" for one in shown)
        assert PASSWORD_SHOWN in records or any(one["passwordless"] for one in shown)


@given(RECORDS, st.sets(st.integers(1, 4)))
def test_showing_more_never_takes_away(records: list[dict[str, Any]], factors: set[int]) -> None:
    if shown_too_little(records, factors) == Lack.NOTHING:
        assert shown_too_little([*records, CODE_SHOWN, PASSWORD_SHOWN], factors) == Lack.NOTHING
