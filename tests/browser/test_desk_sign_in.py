"""A patient signs in from the card, a nurse with a passkey, in a real browser."""

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import DESK
from tests.browser.phone import phone
from tests.patients.letterbox import code_by_email
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-long-password-for-tests"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    cache.clear()
    return cast()


def test_from_the_card_to_today_with_a_pasted_code(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, None) as page:
        page.goto(f"/hello/{people.patient.card_token}/")
        page.get_by_role("button", name="Send me a code").click()
        box = page.get_by_label("The 6-digit code")
        expect(box).to_be_focused()
        assert (box.get_attribute("autocomplete"), box.get_attribute("inputmode")) == ("one-time-code", "numeric")
        code = code_by_email()
        box.fill(f" {code[:3]} {code[3:]} ")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/today/")


def test_a_wrong_code_says_so_and_a_new_one_works(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, None) as page:
        page.goto("/accounts/login/")
        page.get_by_label("Your phone number or e-mail").fill(people.patient.email)
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_label("The 6-digit code").fill("12")
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".error-summary")).to_have_count(1)
        code_by_email()
        page.get_by_role("button", name="Send again").click()
        page.get_by_label("The 6-digit code").fill(code_by_email(2))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/today/")


def test_a_nurse_sets_up_a_passkey_and_signs_in_with_it_alone(
    browser: Browser, live_server: LiveServer, people: Cast, settings: Any
) -> None:
    user = people.nurse.user
    user.set_password(PASSWORD)
    user.save()
    url = live_server.url.replace("127.0.0.1", "localhost")
    with phone(browser, url, None, viewport=DESK) as page:
        with_security_key(page)
        page.goto("/accounts/login/?staff=1")
        page.get_by_label("Work e-mail").fill(user.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in with password").click()
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.get_by_label("Passwordless").check(force=True)
        page.locator("#mfa_webauthn_add").click()
        expect(page.get_by_text("Security key added.")).to_be_visible()
        page.goto("/desk/")
        expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
        page.locator(".me summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto("/accounts/login/?staff=1")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/desk/")


def with_security_key(page: Page) -> None:
    """A virtual authenticator that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
