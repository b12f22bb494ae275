"""Somebody else is signed in on this phone: a switch, never a dead end, and never anybody's unsent logs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Caregiver, User
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.phone import user_of


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    """Rosa's."""
    client.force_login(user_of(people.patient))
    return client


def test_the_sign_in_page_offers_to_go_on_or_to_let_somebody_else_sign_in(phone: Client, people: Cast) -> None:
    page = phone.get("/accounts/login/?next=/plan/").content.decode()
    assert '<a class="btn btn-primary" href="/plan/">Go on as Rosa</a>' in page
    assert "Somebody else signs in" in page
    left = phone.post("/accounts/logout/", {"next": "/accounts/login/?next=/plan/"})
    assert (left.status_code, left["Location"]) == (302, "/accounts/login/?next=/plan/")
    assert "Your phone number or e-mail" in text(phone.get(left["Location"]))


def test_an_address_elsewhere_is_not_gone_on_to(phone: Client) -> None:
    page = text(phone.get("/accounts/login/?next=https://elsewhere.example/"))
    assert 'href="/">Go on as Rosa' in page


def test_a_code_asked_for_while_somebody_is_signed_in_leads_to_the_switch(phone: Client) -> None:
    for sent in (phone.get("/sign-in/code/"), phone.post("/sign-in/code/", {"address": "a@example.org"})):
        assert (sent.status_code, sent["Location"]) == (302, "/accounts/login/")


def test_a_helper_is_named_and_staff_go_to_their_desk(people: Cast, client: Client) -> None:
    client.force_login(people.helper.user)
    assert "Go on as Hilda" in text(client.get("/accounts/login/"))
    client.force_login(people.nurse.user)
    assert client.get("/accounts/login/")["Location"] == "/"


Door = Callable[[Client, Cast], object]
# Every way in which somebody stops using a phone, or is stopped.
DOORS: dict[str, Door] = {
    "signs out": lambda client, people: client.post("/accounts/logout/"),
    "switches": lambda client, people: client.post("/accounts/logout/", {"next": "/accounts/login/"}),
    "asks first": lambda client, people: client.get("/accounts/logout/"),
    "somebody else signs in": lambda client, people: client.force_login(user_of(people.other_patient)),
    "the session is gone": lambda client, people: client.session.flush(),
    "no longer active": lambda client, people: User.objects.update(is_active=False),
    "the recovery is closed": lambda client, people: people.procedure.__class__.objects.update(
        closed_at=timezone.now()
    ),
    "the helper's right has ended": lambda client, people: Caregiver.objects.update(
        removed_at=timezone.now() - timedelta(days=1)
    ),
}
PAGES = (
    "/",
    "/today/",
    "/plan/",
    "/history/",
    "/log/",
    "/log/shell/",
    "/offline/",
    "/api/facts/",
    "/api/phone/",
    "/my/phones/",
    "/my/helpers/",
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/sessions/",
    "/sign-in/",
    "/sign-in/code/",
    "/sign-in/code/enter/",
    "/desk/",
    "/sw.js",
    "/nobody-here/",
)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", ["patient", "helper", "nurse"])
@pytest.mark.slow
def test_no_answer_ever_takes_what_other_people_wrote_on_this_phone(people: Cast, who: str, door: str) -> None:
    client = Client(raise_request_exception=False)
    user = {"patient": user_of(people.patient), "helper": people.helper.user, "nurse": people.nurse.user}[who]
    client.force_login(user)
    client.get("/today/")
    answers = [DOORS[door](client, people)]
    answers += [client.get(page) for page in PAGES]
    answers += [client.post(page) for page in PAGES]
    for answer in answers:
        said = answer.headers.get("Clear-Site-Data", "") if hasattr(answer, "headers") else ""
        assert said in ("", '"cache"'), (door, said)
