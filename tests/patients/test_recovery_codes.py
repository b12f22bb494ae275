"""Recovery codes: shown once, kept as hashes, used once; those from before as well."""

import html
import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from patients.models import TrailEvent, User
from patients.sign_in.factor_secrets import activate_app, factors_of, lock_of, open_of
from patients.sign_in.recovery_codes import HASHES, codes_left, make_codes, use_code
from tests.patients.pages import text
from tests.patients.test_proofs import PASSWORD, code_of, set_up_app, with_password
from tests.people import Cast

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FACTOR, PAGE, INDEX = "/accounts/2fa/authenticate/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/"
CODE = r"(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}"


@pytest.fixture
def nurse(people: Cast, settings: Any) -> User:
    """A nurse with a password, where a second factor is asked for."""
    cache.clear()
    settings.STAFF_SECOND_FACTOR = True
    people.nurse.user.set_password(PASSWORD)
    people.nurse.user.save()
    return people.nurse.user


@pytest.fixture
def client(nurse: User) -> Client:
    """In by password and app, and just asked for the password again."""
    activate_app(nurse, SECRET)
    client = with_password(nurse)
    client.post(FACTOR, {"code": code_of(SECRET)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def row_of(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type="recovery_codes")


def from_before(user: User) -> list[str]:
    """As the sign-in library made them: worked out of a seed."""
    with factors_of(user.pk):
        return RecoveryCodes.activate(user).get_unused_codes()


def let_in(user: User, code: str) -> bool:
    client = with_password(user)
    client.post(FACTOR, {"code": code})
    return client.get("/desk/").status_code == 200


def shown(client: Client) -> list[str]:
    return re.findall(f"<code>({CODE})</code>", text(client.post(PAGE)))


def test_new_codes_are_shown_in_the_answer_that_makes_them_and_never_again(client: Client, nurse: User) -> None:
    answer = client.post(PAGE)
    page = text(answer)
    codes = re.findall(f"<code>({CODE})</code>", page)
    assert len(set(codes)) == 10
    assert "Write them down now: they are never shown again" in page
    assert "no-store" in answer["Cache-Control"]
    [file] = re.findall(r'href="data:text/plain;charset=utf-8,([^"]+)"', page)
    assert html.unescape(file).replace("%0D%0A", " ").split() == codes
    for address in (PAGE, INDEX, f"{PAGE}download/", f"{PAGE}generate/"):
        assert not re.search(CODE, text(client.get(address)))
    assert "10 of 10 left" in text(client.get(PAGE))
    assert TrailEvent.objects.filter(user=nurse, what="factor_added", detail="recovery_codes").count() == 1


def test_a_code_lets_its_person_in_once_however_it_is_typed(client: Client, nurse: User) -> None:
    first, second, *_ = shown(client)
    assert let_in(nurse, first)
    assert not let_in(nurse, first)
    assert let_in(nurse, f" {second.lower().replace('-', ' ').replace('1', 'l').replace('0', 'o')}")
    assert "8 of 10 left" in text(client.get(PAGE))
    assert TrailEvent.objects.filter(user=nurse, detail="wrong factor").count() == 1


def test_new_ones_end_those_of_before(client: Client, nurse: User) -> None:
    [old, *_], [new, *_] = shown(client), shown(client)
    assert not let_in(nurse, old)
    assert let_in(nurse, new)


def test_what_is_kept_of_recovery_codes_is_hashes_alone(people: Cast, nurse: User) -> None:
    codes = make_codes(nurse)
    data = row_of(nurse).data
    assert set(data) == {HASHES}
    opened = open_of(nurse.pk, data[HASHES])
    assert re.fullmatch(r"[0-9a-f]{32}( [0-9a-f]{64}){10}", opened)
    for code in codes:
        for written in (code, code.replace("-", ""), code.lower()):
            assert written not in opened + json.dumps(data)
    make_codes(people.nurse2.user)
    theirs = row_of(people.nurse2.user)
    assert not use_code(theirs, codes[0])


@pytest.mark.parametrize("start", [False, True])
def test_codes_from_before_work_once_and_their_seed_is_gone(nurse: User, start: bool) -> None:
    activate_app(nurse, SECRET)
    first, second, *_ = from_before(nurse)
    seed = open_of(nurse.pk, row_of(nurse).data["seed"])
    if start:
        call_command("rotate_keys", at_start=True)
        assert set(row_of(nurse).data) == {HASHES}
    assert let_in(nurse, first)
    assert set(row_of(nurse).data) == {HASHES}
    opened = open_of(nurse.pk, row_of(nurse).data[HASHES])
    assert not [word for word in (seed, first, second) if word in opened]
    assert not let_in(nurse, first)
    assert codes_left(nurse) == 9
    assert let_in(nurse, second)


def test_one_that_was_used_before_the_change_is_not_good_again(nurse: User) -> None:
    used, other, *_ = from_before(nurse)
    with factors_of(nurse.pk):
        assert RecoveryCodes(row_of(nurse)).validate_code(used)
    call_command("rotate_keys", at_start=True)
    assert not use_code(row_of(nurse), used)
    assert use_code(row_of(nurse), other)


def test_codes_of_before_the_seed_are_hashed_too(nurse: User) -> None:
    words = [lock_of(nurse.pk, word) for word in ("abcd1234", "efgh5678")]
    row = Authenticator.objects.create(user=nurse, type="recovery_codes", data={"migrated_codes": words})
    call_command("rotate_keys", at_start=True)
    assert set(row_of(nurse).data) == {HASHES}
    assert use_code(row, "abcd1234")
    assert not use_code(row, "abcd1234")


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_makes_no_codes_that_nobody_saw(nurse: User) -> None:
    client = with_password(nurse)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "Set up a passkey or an authenticator app first" in text(client.post(PAGE, follow=True))
    set_up_app(client)
    assert not Authenticator.objects.filter(type="recovery_codes").exists()
    assert "Make recovery codes" in text(client.get(INDEX))
    assert "You have none" in text(client.get(PAGE))


def test_some_minutes_later_they_show_first_who_they_are(client: Client) -> None:
    session = client.session
    session["account_authentication_methods"] = [
        {**shown, "at": shown["at"] - 400} for shown in session["account_authentication_methods"]
    ]
    session.save()
    for answer in (client.post(PAGE), client.get(PAGE)):
        assert answer.url.startswith("/accounts/reauthenticate/")
    assert not Authenticator.objects.filter(type="recovery_codes").exists()


def test_whatever_is_typed_is_answered(nurse: User) -> None:
    make_codes(nurse)
    for typed in ("", "------", "x" * 5000, "ÄÖÜ ß 😀", "12345678", "123456"):
        assert not use_code(row_of(nurse), typed)
    assert codes_left(nurse) == 10
