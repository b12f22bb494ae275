"""A manager hands a new nurse the link to choose a password, and she gets to the desk, second factor and all."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import Letter, Staff
from tests.browser.desk import DESK, PHONE, too_wide, violations
from tests.browser.phone import phone
from tests.browser.test_desk_sign_in import with_security_key
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD, HERS = "a-long-password-for-tests", "another-long-one-of-hers"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    cache.clear()
    return cast()


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/?staff=1")
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in with password").click()


def add_a_passkey(page: Page, password: str) -> None:
    page.get_by_role("link", name="Add a passkey").click()
    if page.get_by_role("button", name="Go on").count():
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Passwordless").check(force=True)
    page.locator("#mfa_webauthn_add").click()
    expect(page.get_by_text("Security key added.")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_managers_page_to_the_nurses_desk(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    manager = people.manager.user
    manager.set_password(PASSWORD)
    manager.save()
    url = live_server.url.replace("127.0.0.1", "localhost")
    with phone(browser, url, None, viewport=size) as page:
        with_security_key(page)
        sign_in(page, manager.email, PASSWORD)
        add_a_passkey(page, PASSWORD)
        page.goto("/desk/staff/")
        for label, typed in (("First name", "Nina"), ("Last name", "New"), ("Work e-mail", "nina@example.org")):
            page.get_by_label(label).fill(typed)
        page.get_by_label("Role", exact=True).select_option("nurse")
        page.get_by_role("button", name="Add and send the link").click()
        page.get_by_role("button", name="Hand a link over to Nina New").click()
        link = page.locator(".hand-link").inner_text().replace("http://testserver", url)
        assert (violations(page), too_wide(page)) == ([], 0)
    nina = Staff.objects.get(user__email="nina@example.org")
    assert Letter.objects.get(user=nina.user, way=Letter.Way.HAND).by == people.manager
    with phone(browser, url, None, viewport=size) as page:
        with_security_key(page)
        page.goto(link)
        fields = page.locator("input[type=password]")
        for n in range(fields.count()):
            fields.nth(n).fill("short")
        page.locator("main button[type=submit]").click()
        expect(page.locator(".error-summary, .invalid-feedback, .error").first).to_be_visible()
        for n in range(fields.count()):
            fields.nth(n).fill(HERS)
        page.locator("main button[type=submit]").click()
        page.wait_for_load_state()
        if not page.get_by_role("link", name="Add a passkey").count():
            sign_in(page, "nina@example.org", HERS)
        add_a_passkey(page, HERS)
        page.goto("/desk/")
        expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
        page.locator(".me summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto(link)
        assert page.locator("input[type=password]").count() == 0
