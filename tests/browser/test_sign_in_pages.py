"""The pages about sign-ins, in a real browser: no barrier at any size, and a lost phone is really out."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from patients.clock import db_now
from patients.services import rescue
from patients.services.sessions import end_all
from tests.browser.phone import phone
from tests.browser.test_people_pages import barriers
from tests.patients.letterbox import code_by_email
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_pages_about_sign_ins_have_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any
) -> None:
    user = people.patient.user
    with (
        phone(browser, live_server.url, user) as other,
        phone(browser, live_server.url, user, viewport=size) as page,
    ):
        other.goto("/today/")
        page.goto("/my/phones/")
        expect(page.get_by_text("(this one)")).to_be_visible()
        assert barriers(page) == []
        page.get_by_role("button", name="Sign out there").click()
        expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
        assert barriers(page) == []
        page.get_by_role("button", name="E-mail a code to").click()
        page.get_by_label("The 6-digit code").fill("12")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#error_1_id_code")).to_be_visible()
        assert barriers(page) == []
        page.get_by_label("The 6-digit code").fill(code_by_email())
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Signed out there.")).to_be_visible()
        assert barriers(page) == []
        other.goto("/today/")
        other.wait_for_url("**/accounts/login/**")
    rescue.ask(manager=people.manager, person=people.nurse, sure="called", now=db_now())
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        for path in ("/desk/way-back/", "/accounts/sessions/", f"/desk/patients/{people.patient.code}/phones/"):
            page.goto(path)
            assert barriers(page) == []
        page.goto("/desk/way-back/")
        page.get_by_role("button", name="Ask for it").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert barriers(page) == []
    with phone(browser, live_server.url, people.physician.user, viewport=size) as page:
        page.goto("/desk/way-back/")
        page.get_by_label("They stand before me").check()
        page.get_by_role("button", name="Remove their second factor").click()
        expect(page.get_by_text("sets up a new second factor")).to_be_visible()


def test_a_phone_that_was_signed_out_shows_no_kept_page_once_it_has_asked_us(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    user = people.patient.user
    assert user
    with phone(browser, live_server.url, user) as page:
        page.goto("/today/")
        page.wait_for_function(
            "navigator.serviceWorker.ready.then(() => caches.keys()).then((all) => all.length > 1)"
        )
        page.reload()
        end_all(user, None, by=None, why="lost phone")
        page.goto("/today/")
        page.wait_for_url("**/accounts/login/**")
        page.wait_for_load_state("networkidle")
        # What this phone keeps of its person is closed, and the pages as last seen are gone, by name.
        page.wait_for_function("caches.keys().then((all) => !all.includes('kypho-own'))")
