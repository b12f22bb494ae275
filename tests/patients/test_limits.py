"""A stranger uses up their own tries: the owner of an address always gets in, and nobody guesses for long."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.tasks import forget_old_sessions
from patients.models import LimitUse, TrailEvent, User
from patients.sign_in import limits
from patients.sign_in.factor_secrets import activate_app
from tests.patients.letterbox import code_by_email
from tests.patients.pages import signed_in, text
from tests.patients.test_proofs import code_of
from tests.people import Cast
from tests.waiting import until

SEND, ENTER, LOGIN, FACTOR = (
    "/sign-in/code/",
    "/sign-in/code/enter/",
    "/accounts/login/",
    "/accounts/2fa/authenticate/",
)
PASSWORD, SECRET = "a-long-password-for-tests", "JBSWY3DPEHPK3PXP"
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def rosa(people: Cast) -> User:
    assert people.patient.user
    return people.patient.user


@pytest.fixture
def nurse(people: Cast) -> User:
    people.nurse.user.set_password(PASSWORD)
    people.nurse.user.save()
    return people.nurse.user


def browser(address: str = HOME) -> Client:
    return Client(REMOTE_ADDR=address)


def signs_in_by_code(client: Client, user: User, mail: int = 1) -> bool:
    client.post(SEND, {"address": user.email})
    client.post(ENTER, {"code": code_by_email(mail)})
    return client.session.get("_auth_user_id") == str(user.pk)


def signs_in_by_password(client: Client, user: User) -> bool:
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    return client.session.get("_auth_user_id") == str(user.pk)


def floods(target: str, address: str, times: int = 12) -> None:
    """Somebody asks for codes again and again, and types wrong ones and wrong passwords."""
    stranger = browser(address)
    for _ in range(times):
        stranger.post(SEND, {"address": target})
        stranger.post(ENTER, {"code": "000000"})
        stranger.post(LOGIN, {"login": target, "password": "wrong"})


@pytest.mark.slow
def test_a_stranger_elsewhere_takes_no_code_from_a_patient(rosa: User, mailoutbox: list[Any]) -> None:
    floods(rosa.email, ELSEWHERE)
    assert until(lambda: len(mailoutbox) == 3)
    assert signs_in_by_code(browser(HOME), rosa, mail=4)


@pytest.mark.slow
def test_a_stranger_on_the_same_network_takes_none_from_a_browser_that_was_here(
    rosa: User, mailoutbox: list[Any]
) -> None:
    own = browser(HOME)
    assert signs_in_by_code(own, rosa)
    own.post("/accounts/logout/")
    floods(rosa.email, HOME)
    before = len(mailoutbox)
    assert browser(HOME).post(SEND, {"address": rosa.email}).status_code == 429
    assert signs_in_by_code(own, rosa, mail=before + 1)


@pytest.mark.slow
def test_the_holder_of_a_card_gets_a_code_whatever_strangers_do(
    people: Cast, rosa: User, mailoutbox: list[Any]
) -> None:
    floods(rosa.email, HOME)
    before, client = len(mailoutbox), browser(HOME)
    client.post(f"/hello/{people.patient.card_token}/")
    client.post(ENTER, {"code": code_by_email(before + 1)})
    assert client.session["_auth_user_id"] == str(rosa.pk)


@pytest.mark.slow
def test_a_stranger_elsewhere_locks_no_nurse_out(nurse: User) -> None:
    floods(nurse.email, ELSEWHERE)
    assert signs_in_by_password(browser(HOME), nurse)


@pytest.mark.slow
def test_a_patient_in_the_waiting_room_locks_no_nurse_out_of_her_own_browser(nurse: User) -> None:
    own = browser(HOME)
    assert signs_in_by_password(own, nurse)
    own.post("/accounts/logout/")
    floods(nurse.email, HOME)
    assert not signs_in_by_password(browser(HOME), nurse)
    assert signs_in_by_password(own, nurse)


def test_a_thief_of_a_password_does_not_use_up_the_tries_at_the_second_factor(nurse: User) -> None:
    activate_app(nurse, SECRET)
    thief, own = browser(ELSEWHERE), browser(HOME)
    signs_in_by_password(thief, nurse)
    pages = [text(thief.post(FACTOR, {"code": "000000"})) for _ in range(6)]
    assert "Too many tries" in pages[-1]
    assert "Too many tries" not in pages[-2]
    signs_in_by_password(own, nurse)
    own.post(FACTOR, {"code": code_of(SECRET)})
    assert own.session["_auth_user_id"] == str(nurse.pk)


def test_strangers_together_guess_a_few_times_a_day_and_no_more(
    nurse: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "guess_day", "8/d/key")
    own = browser(HOME)
    assert signs_in_by_password(own, nurse)
    own.post("/accounts/logout/")
    for number in range(8):
        browser(f"198.51.100.{number}").post(LOGIN, {"login": nurse.email, "password": "wrong"})
    assert not signs_in_by_password(browser("198.51.100.99"), nurse)
    assert signs_in_by_password(own, nurse)


def test_a_cookie_of_ones_own_making_is_not_believed(rosa: User) -> None:
    stranger = browser(ELSEWHERE)
    stranger.cookies["kypho_known"] = '{"name": "x", "people": []}'
    answers = [stranger.post(SEND, {"address": rosa.email}).status_code for _ in range(4)]
    assert answers[-1] == 429


def test_another_person_s_browser_is_a_stranger_s(people: Cast, rosa: User, mailoutbox: list[Any]) -> None:
    other = browser(ELSEWHERE)
    assert people.other_patient.user
    assert signs_in_by_code(other, people.other_patient.user)
    other.post("/accounts/logout/")
    answers = [other.post(SEND, {"address": rosa.email}).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]


def test_a_right_password_costs_no_try(nurse: User) -> None:
    client = browser()
    for _ in range(8):
        assert signs_in_by_password(client, nurse)
        client.post("/accounts/logout/")


def test_a_code_lives_ten_minutes(rosa: User, mailoutbox: list[Any]) -> None:
    client, now = browser(), timezone.now()
    client.post(SEND, {"address": rosa.email})
    code = code_by_email()
    assert "works for 10 minutes" in str(mailoutbox[-1].body)
    with time_machine.travel(now + timedelta(minutes=11)):
        client.post(ENTER, {"code": code})
    assert "_auth_user_id" not in client.session


def test_failures_and_refusals_are_in_the_trail_and_no_address_is(rosa: User, nurse: User) -> None:
    floods(rosa.email, ELSEWHERE, times=4)
    browser().post(LOGIN, {"login": "nobody@example.org", "password": "wrong"})
    kinds = set(TrailEvent.objects.values_list("what", "detail", "user_id"))
    assert ("sign_in_failed", "wrong code", rosa.pk) in kinds
    assert ("sign_in_failed", "wrong password", rosa.pk) in kinds
    assert ("sign_in_failed", "wrong password", None) in kinds
    assert ("refused", "too many codes", rosa.pk) in kinds
    assert not [one for one in TrailEvent.objects.values_list("detail", flat=True) if "@" in one]


# --- What nobody does so often by hand ---

ROSTER = "/desk/patients/"


def times_until_refused(ask: Callable[[], Any], most: int) -> int:
    return next(number for number in range(most) if ask().status_code == 429)


@pytest.mark.slow
def test_searches_are_bounded_for_each_person_and_what_was_typed_stays(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in(people.nurse)
    key = client.post(ROSTER, {"q": "Rosa"}, follow=True).context["key"]
    assert times_until_refused(lambda: client.get(ROSTER, {"s": key}), 70) == 59
    refused = client.post(ROSTER, {"q": "Olga"}, follow=True)
    assert refused.status_code == 429
    assert "Wait a minute, then press Search again." in text(refused)
    assert 'value="Olga"' in text(refused)
    # Everybody else, and every other page, works as ever.
    assert client.get(ROSTER).status_code == client.get("/desk/").status_code == 200
    assert signed_in(people.nurse2).post(ROSTER, {"q": "Rosa"}, follow=True).status_code == 200


@pytest.mark.slow
def test_going_on_page_by_page_is_a_search_too(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client, after = signed_in(people.nurse), str(people.patient.code)
    assert times_until_refused(lambda: client.get(ROSTER, {"after": after}), 70) == 60


@pytest.mark.parametrize("page", ["/desk/figures/figures.csv", "/desk/rules/replay/", "card"])
@pytest.mark.slow
def test_exports_and_prints_are_bounded_for_each_person(people: Cast, settings: Any, page: str) -> None:
    settings.STAFF_SECOND_FACTOR = False
    address = f"/desk/patients/{people.patient.code}/card/" if page == "card" else page
    client = signed_in(people.manager)
    assert times_until_refused(lambda: client.get(address), 30) == 20
    refused = client.get(address)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "Wait a minute, then open this page again." in text(refused)


# --- What a limit costs ---


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., limits.Guess | None]:
    monkeypatch.setitem(limits.LIMITS, "one", "3/m,5/h")
    monkeypatch.setitem(limits.LIMITS, "other", "2/m")
    return lambda *actions: limits._count(*((action, "somebody") for action in actions))


def kept() -> list[tuple[int, int]]:
    return sorted((row.most, len(row.times)) for row in LimitUse.objects.all())


def test_a_try_is_one_statement_and_a_refused_one_two(counts: Any, django_assert_num_queries: Any) -> None:
    for number in range(4):
        with django_assert_num_queries(1 if number < 2 else 2):
            assert bool(counts("one", "other")) == (number < 2)
    assert kept() == [(2, 2), (3, 2), (5, 2)]


def test_a_refused_try_counts_nowhere_and_a_right_one_is_taken_back(
    counts: Any, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        assert counts("one")
    assert not counts("one", "other")
    assert kept() == [(3, 3), (5, 3)]
    guess = counts("other")
    with django_assert_num_queries(1):
        guess.was_right()
    assert kept() == [(3, 3), (5, 3)]


def test_an_old_try_counts_no_more_and_the_sweep_takes_it_away(counts: Any) -> None:
    for _ in range(3):
        assert counts("one")
    assert not counts("one")
    minute = timedelta(seconds=61)
    for row in LimitUse.objects.all():
        row.times, row.until = [at - minute for at in row.times], row.until - minute
        row.save()
    forget_old_sessions()
    assert kept() == [(5, 3)]
    assert counts("one")
    assert counts("one")
    assert not counts("one")  # five in the hour
    assert kept() == [(3, 2), (5, 5)]


def test_what_is_kept_of_a_limit_names_nobody(rosa: User) -> None:
    browser().post(LOGIN, {"login": rosa.email, "password": "wrong"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(to_jsonb(t)::text, '') FROM patients_limituse t")
        (words,) = cursor.fetchone()
    assert words
    assert rosa.email not in words
    assert HOME not in words


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "one", "5/m,9/h")

    def tries(_: int) -> bool:
        try:
            return limits._count(("one", "somebody")) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(tries, range(12))) == 5
    assert kept() == [(5, 5), (9, 5)]
