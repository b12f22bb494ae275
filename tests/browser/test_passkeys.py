"""A patient and a helper share one phone: each adds the phone's lock, and each gets their own page by it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.sign_in import passkeys
from patients.sign_in.proofs import SHOWN
from patients.sign_in.session_store import SessionStore
from tests.browser.phone import phone
from tests.browser.test_desk_sign_in import with_security_key
from tests.browser.test_people_pages import barriers
from tests.patients.letterbox import code_by_email
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


@pytest.fixture
def people(transactional_db: None) -> Cast:
    cache.clear()
    return cast()


def by_code(page: Page, email: str, count: int) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Your phone number or e-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The 6-digit code").fill(code_by_email(count))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/today/")


def add(page: Page, name: str) -> None:
    page.goto("/help/")
    page.get_by_role("link", name="How I sign in").click()
    assert barriers(page) == []
    page.get_by_role("link", name="Add this phone’s lock").click()
    assert barriers(page) == []
    page.get_by_label("What do you call this phone?").fill(name)
    page.get_by_role("button", name="Use this phone’s lock").click()
    expect(page.get_by_text("Saved. Next time press")).to_be_visible()
    expect(page.locator("strong", has_text=name)).to_be_visible()


def leave(page: Page) -> None:
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_phone_s_lock_lets_in_who_added_it_until_it_is_removed(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any
) -> None:
    url = live_server.url.replace("127.0.0.1", "localhost")
    with phone(browser, url, None, viewport=size) as page:
        with_security_key(page)
        by_code(page, people.patient.email, 1)
        add(page, "Rosa’s phone")
        leave(page)
        assert barriers(page) == []
        page.get_by_role("button", name="Use your phone’s lock").click()
        page.wait_for_url("**/today/")
        # A while later it is shown once more by the same lock, and what was pressed is done.
        passed(page)
        page.goto("/my/sign-in/")
        page.get_by_role("button", name="Remove Rosa’s phone").click()
        expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
        assert barriers(page) == []
        page.get_by_role("button", name="Use your phone’s lock").click()
        page.wait_for_url("**/accounts/login/?gone=1**")
        assert people.patient.user
        assert not passkeys.of(people.patient.user).exists()
        page.get_by_role("button", name="Use your phone’s lock").click()
        expect(page.get_by_text("This lock is not known here")).to_be_visible()


def passed(page: Page) -> None:
    """Ten minutes go by for whatever was shown in this browser."""
    # What the page still asks would store the session as it was.
    page.wait_for_load_state("networkidle")
    key = next(one["value"] for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    store = SessionStore(key)
    store[SHOWN] = [{**one, "at": one["at"] - 600} for one in store[SHOWN]]
    store.save()


def test_two_on_one_phone_each_have_their_own(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    url = live_server.url.replace("127.0.0.1", "localhost")
    with phone(browser, url, None) as page:
        with_security_key(page)
        by_code(page, people.patient.email, 1)
        add(page, "Rosa’s way in")
        leave(page)
        by_code(page, people.helper.user.email, 3)
        page.goto("/help/")
        page.get_by_role("link", name="How I sign in").click()
        expect(page.get_by_text("Rosa’s way in")).to_have_count(0)
        page.goto("/my/sign-in/")
        page.get_by_role("link", name="Add this phone’s lock").click()
        page.get_by_role("button", name="Use this phone’s lock").click()
        expect(page.get_by_text("Saved. Next time press")).to_be_visible()
    assert Authenticator.objects.values("user").distinct().count() == 2
