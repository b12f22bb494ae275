"""Passkeys of patients and helpers: one more way in, theirs alone, gone with the phone. Not staff's."""

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from patients.models import TrailEvent, User
from patients.sign_in import passkeys
from patients.sign_in.factor_secrets import activate_app
from patients.sign_in.proofs import SHOWN
from tests.patients.letterbox import code_by_email
from tests.patients.pages import just_shown, signed_in, text
from tests.people import Cast

OWN, ADD, LOGIN = "/my/sign-in/", "/my/sign-in/add/", "/accounts/2fa/webauthn/login/"


def passkey(user: Any, name: str = "My phone") -> Authenticator:
    """As it lies in the database; what the phone would show for it is tried in a real browser."""
    row: Authenticator = Authenticator.objects.create(user=user, type="webauthn", data={"name": name})
    return row


def by_passkey(user: Any, row: Authenticator) -> Client:
    """A browser that came in by it."""
    client = signed_in(user)
    session = client.session
    shown = {"method": "mfa", "at": time.time(), "id": row.pk, "type": "webauthn", "passwordless": True}
    session[SHOWN] = [shown]
    session.save()
    return client


@pytest.mark.parametrize("whose", ["patient", "helper"])
def test_each_person_names_and_removes_their_own_after_showing_who_they_are(people: Cast, whose: str) -> None:
    user = getattr(people, whose).user
    mine, other = passkey(user), passkey(people.other_patient.user)
    here = signed_in(user)
    assert here.post(OWN, {"remove": mine.pk}).url.startswith("/my/show-again/")
    assert passkeys.of(user).count() == 1
    here.post(OWN, {"rename": mine.pk, "name": "  Hilda’s\u200b phone "})
    here.post(OWN, {"rename": other.pk, "name": "stolen"})
    assert "Hilda’s phone" in text(here.get(OWN))
    just_shown(here).post(OWN, {"remove": other.pk})
    here.post(OWN, {"remove": mine.pk})
    assert list(Authenticator.objects.values_list("pk", "data__name")) == [(other.pk, "My phone")]
    assert TrailEvent.objects.filter(what="factor_removed", user=user, detail="webauthn").count() == 1


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "-1", "²"])
def test_a_number_that_is_none_is_no_error_of_ours(people: Cast, number: str) -> None:
    assert just_shown(signed_in(people.patient)).post(OWN, {"remove": number}).status_code == 404


def test_who_came_in_by_a_passkey_is_out_when_it_is_gone_and_who_typed_a_code_is_not(people: Cast) -> None:
    user = people.patient.user
    row = passkey(user)
    lock, code = by_passkey(user, row), just_shown(signed_in(user))
    assert lock.get("/today/").status_code == 200
    row.delete()
    out = lock.get("/today/")
    assert out.url.startswith("/accounts/login/?gone=1")
    assert "the phone’s lock you came in with was removed" in text(lock.get(out.url))
    assert code.get("/today/").status_code == 200
    assert TrailEvent.objects.filter(what="session_ended", user=user, detail="its passkey was removed").exists()


def test_a_passkey_of_somebody_else_proves_nothing(people: Cast) -> None:
    lock = by_passkey(people.patient.user, passkey(people.other_patient.user))
    assert lock.get("/today/").status_code == 302


def test_a_code_lets_in_whoever_has_a_passkey_too(people: Cast, client: Client) -> None:
    cache.clear()
    passkey(people.patient.user)
    client.post("/sign-in/code/", {"address": people.patient.email})
    assert client.post("/sign-in/code/enter/", {"code": code_by_email()}).url == "/"
    assert client.get("/today/").status_code == 200


@pytest.mark.parametrize("whose", ["patient", "helper"])
def test_a_lost_phone_takes_their_passkeys_with_it(people: Cast, whose: str) -> None:
    user = getattr(people, whose).user
    row = passkey(user)
    lock = by_passkey(user, row)
    page = f"/desk/patients/{people.patient.code}/phones/"
    signed_in(people.nurse).post(page, {"person": user.pk})
    assert not passkeys.of(user).exists()
    assert lock.get("/today/").status_code == 302
    assert TrailEvent.objects.filter(what="factor_removed", user=user, detail="webauthn: lost phone").count() == 1


def test_it_takes_no_second_factor_from_a_colleague_who_helps(people: Cast) -> None:
    helping = people.manager.user
    people.patient.caregivers.update(user=helping)
    passkey(helping)
    page = f"/desk/patients/{people.patient.code}/phones/"
    assert signed_in(people.nurse).post(page, {"person": helping.pk}).status_code == 302
    assert passkeys.of(helping).exists()


def test_to_add_one_asks_first_and_there_are_never_more_than_ten(people: Cast) -> None:
    here = signed_in(people.patient)
    assert here.get(ADD).url.startswith("/my/show-again/")
    assert here.post(ADD, {"credential": "{}"}).url.startswith("/my/show-again/")
    assert just_shown(here).get(ADD).status_code == 200
    for number in range(passkeys.MOST):
        passkey(people.patient.user, str(number))
    assert here.get(ADD).url == OWN


@pytest.mark.parametrize(
    "sent", ["", "x", "{}", "[]", "null", "7", '{"response": []}', '{"id": 1, "response": {}}']
)
def test_whatever_a_phone_answers_there_is_a_sentence(people: Cast, sent: str) -> None:
    here = just_shown(signed_in(people.patient))
    here.get(ADD)
    assert here.post(ADD, {"credential": sent}).status_code == 422
    assert here.post("/my/show-again/", {"credential": sent}).status_code == 422
    stranger = Client()
    stranger.get(LOGIN, headers={"Accept": "application/json"})
    assert stranger.post(LOGIN, {"credential": sent}).url == "/accounts/login/"
    assert not passkeys.of(User.objects.get(pk=people.patient.user_id)).exists()


def test_the_library_s_pages_for_second_factors_are_not_for_patients(people: Cast) -> None:
    here = just_shown(signed_in(people.patient))
    for page in ("", "webauthn/", "webauthn/add/", "totp/activate/", "recovery-codes/", "webauthn/login/"):
        assert here.get(f"/accounts/2fa/{page}").status_code == 404


def test_staff_are_still_asked_for_their_second_factor(people: Cast, client: Client, settings: Any) -> None:
    cache.clear()
    nurse = people.nurse.user
    nurse.set_password("a-long-password-for-tests")
    nurse.save()
    activate_app(nurse, "JBSWY3DPEHPK3PXP")
    answer = client.post("/accounts/login/", {"login": nurse.email, "password": "a-long-password-for-tests"})
    assert answer.url.startswith("/accounts/2fa/authenticate/")


def test_a_challenge_is_new_each_time(people: Cast) -> None:
    here = just_shown(signed_in(people.patient))
    pages = [text(here.get(ADD)) for _ in range(2)]
    found = [json.loads(page.split('id="js_data" type="application/json">')[1].split("<")[0]) for page in pages]
    first, second = (one["creation_options"]["publicKey"] for one in found)
    assert first["challenge"] != second["challenge"]
    assert first["authenticatorSelection"]["userVerification"] == "required"
