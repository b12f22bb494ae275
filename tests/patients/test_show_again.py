"""A patient or helper shows once more that it is them before a sign-in of theirs ends; then it is done."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from patients.models import Patient, StoppedNumber, TrailEvent, User
from patients.sign_in.proofs import LATELY, SHOWN
from tests.patients import letterbox
from tests.patients.letterbox import code_by_email, code_by_text, nothing_comes
from tests.patients.pages import signed_in, text
from tests.people import Cast

OWN, MINE, AGAIN, CODE = "/accounts/sessions/", "/my/phones/", "/my/show-again/", "/my/show-again/code/"
ON = {"next": OWN}


@pytest.fixture(autouse=True)
def texts_work(people: Cast, settings: Any) -> None:
    settings.SMS_BACKEND = letterbox.PATH
    letterbox.texts.clear()
    cache.clear()


def with_phone(user: User) -> User:
    User.objects.filter(pk=user.pk).update(phone="+13125550191")
    user.refresh_from_db()
    return user


def press(client: Client) -> Any:
    return client.post(OWN, {"others": "1", "next": MINE})


@pytest.mark.parametrize("whose", ["patient", "helper"])
def test_what_was_pressed_waits_for_the_code_and_is_done_then(people: Cast, whose: str) -> None:
    user = getattr(people, whose).user
    here, lost = signed_in(user), signed_in(user)
    asked = press(here)
    assert asked.url == f"{AGAIN}?next=%2Faccounts%2Fsessions%2F"
    assert lost.get("/today/").status_code == 200
    sent = here.post(asked.url, {"way": "email", **ON})
    assert sent.url == f"{CODE}?next=%2Faccounts%2Fsessions%2F"
    code = code_by_email()
    wrong = here.post(CODE, {"code": "000000" if code != "000000" else "111111", **ON})
    assert (wrong.status_code, lost.get("/today/").status_code) == (422, 200)
    assert here.post(CODE, {"code": code, **ON}).url == MINE
    assert (here.get("/today/").status_code, lost.get("/today/").status_code) == (200, 302)
    assert TrailEvent.objects.filter(what="session_ended", user=user, by=user).count() == 1
    # Within the last minutes: not again.
    lost = signed_in(user)
    assert press(here).url == MINE
    assert lost.get("/today/").status_code == 302


def test_a_sign_in_of_a_while_ago_is_not_enough(people: Cast) -> None:
    here = signed_in(people.patient)
    session = here.session
    session[SHOWN] = [{"method": "code", "at": time.time() - (LATELY + timedelta(seconds=5)).total_seconds()}]
    session.save()
    assert press(here).url.startswith(AGAIN)


def test_the_person_chooses_and_the_lost_phone_is_not_the_first_choice(people: Cast) -> None:
    assert people.patient.user
    here = signed_in(with_phone(people.patient.user))
    page = text(here.get(AGAIN))
    assert page.index('value="email"') < page.index('value="phone"')
    assert "•••• 0191" in page
    assert "3125550191" not in page
    here.post(AGAIN, {"way": "phone", **ON})
    code = code_by_text()
    assert here.post(CODE, {"code": code, **ON}).url == OWN


def test_a_phone_that_takes_no_texts_is_not_offered(people: Cast) -> None:
    assert people.patient.user
    user = with_phone(people.patient.user)
    StoppedNumber.objects.create(number=user.phone.as_e164, stopped_at=timezone.now())
    page = text(signed_in(user).get(AGAIN))
    assert 'value="phone"' not in page


def test_who_shares_every_address_gets_it_where_the_card_sends_it(people: Cast) -> None:
    user = people.patient.user
    assert user
    User.objects.filter(pk=user.pk).update(email="", phone=None)
    here = signed_in(user)
    assert here.post(AGAIN, {"way": "email", **ON}).url.startswith(CODE)
    code_by_email()


def test_who_has_no_way_is_told_to_call_and_nothing_is_done(people: Cast, settings: Any) -> None:
    settings.SMS_BACKEND = "alerts.messaging.channels.sms.NotSetUp"
    user = people.patient.user
    assert user
    with_phone(user)
    User.objects.filter(pk=user.pk).update(email="")
    Patient.all_clinics.filter(pk=people.patient.pk).update(email="", phone="+13125550191")
    here, lost = signed_in(user), signed_in(user)
    page = text(here.get(press(here).url))
    assert "We cannot send you a code" in page
    assert people.clinic.phone.as_e164 in page
    assert here.post(AGAIN, {"way": "email", **ON}).status_code == 422
    assert nothing_comes()
    assert lost.get("/today/").status_code == 200


def test_five_wrong_codes_end_it_and_a_code_is_for_its_own_session(people: Cast) -> None:
    here, other = signed_in(people.patient), signed_in(people.patient)
    here.post(AGAIN, {"way": "email", **ON})
    code = code_by_email()
    assert other.post(CODE, {"code": code, **ON}).url.startswith(AGAIN)
    wrong = "000000" if code != "000000" else "111111"
    answers = [here.post(CODE, {"code": wrong, **ON}).status_code for _ in range(5)]
    assert answers == [422] * 4 + [302]
    assert here.post(CODE, {"code": code, **ON}).url.startswith(AGAIN)
    assert press(here).url.startswith(AGAIN)
    assert TrailEvent.objects.filter(what="sign_in_failed", detail="wrong code").count() == 5


def test_it_leads_nowhere_else(people: Cast) -> None:
    here = signed_in(people.patient)
    here.post(AGAIN, {"way": "email"})
    assert here.post(CODE, {"code": code_by_email(), "next": "https://evil.example/"}).url == "/"


def test_codes_are_limited_and_it_is_said(people: Cast) -> None:
    here = signed_in(people.patient)
    answers = [here.post(AGAIN, {"way": "email", **ON}).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]
