"""The page on which staff set how they are reached: without a barrier, on a desk and on a phone, by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.monitoring.sweep import sweep
from patients.models import ContactMethod
from tests.browser.desk import DESK, PHONE, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast, make_mobile
from tests.simulator import ACCOUNT, NUMBER, TOKEN, Simulator, running_simulator
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/desk/me/contacts/"


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


@pytest.fixture
def simulator(tmp_path: Path, settings: Any, live_server: LiveServer) -> Iterator[Simulator]:
    """A provider whose receipts come back to the page's server."""
    with running_simulator(tmp_path) as found:
        settings.BASE_URL, settings.SMS_BACKEND = live_server.url, "alerts.messaging.channels.twilio.Twilio"
        settings.SMS_API_URL = found.url
        settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.SMS_FROM = ACCOUNT, TOKEN, NUMBER
        settings.VOICE_FROM = NUMBER
        yield found


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_nurse_adds_proves_and_tests_her_mobile(
    browser: Browser, live_server: LiveServer, simulator: Simulator, people: Cast, size: Any, script: bool
) -> None:
    options = {"viewport": size, "java_script_enabled": script}
    with phone(browser, live_server.url, people.nurse.user, **options) as page:
        page.goto("/desk/oncall/")
        page.locator(".me summary").click()
        page.get_by_role("link", name="How you are reached").click()
        card = page.get_by_role("region", name="Text messages")
        card.get_by_label("Mobile number").fill("12")
        card.get_by_label("Mobile number").press("Enter")
        expect(card.get_by_role("link", name="Enter a phone number")).to_be_visible()
        expect(card.get_by_label("Mobile number")).to_have_value("12")
        card.get_by_label("Mobile number").fill("(312) 555-0111")
        card.get_by_role("button", name="Send me a code").click()
        sweep()
        code = simulator.lines()[0]["body"][:6]
        card.get_by_label("The 6-digit code").fill("000000" if code != "000000" else "000001")
        card.get_by_role("button", name="Verify").click()
        expect(card.get_by_role("link", name="That is not the code")).to_be_visible()
        assert too_wide(page) == 0
        card.get_by_label("The 6-digit code").fill(code)
        card.get_by_label("The 6-digit code").press("Enter")
        expect(card.get_by_text("(312) 555-0111")).to_be_visible()
        card.get_by_role("button", name="Send me a test").click()
        sweep()
        assert until(lambda: any(line["state"] == "delivered" for line in simulator.lines("receipt")[3:]))
        card.get_by_role("link", name="Look again").click()
        expect(card.get_by_text("delivered", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_state_of_the_page_has_a_barrier(
    browser: Browser, live_server: LiveServer, simulator: Simulator, people: Cast, size: Any
) -> None:
    found = {}
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:

        def look(name: str) -> None:
            found[name] = (violations(page), too_wide(page))

        page.goto(PAGE)
        look("fresh")
        page.get_by_role("button", name="Send me a code").click()
        look("no number")
        page.get_by_label("Mobile number").fill("(312) 555-0111")
        page.get_by_role("button", name="Send me a code").click()
        look("waiting for the code")
        page.get_by_role("button", name="Verify").click()
        look("no code")
        page.get_by_role("button", name="Turn off").click()
        look("the last way")
        now = timezone.now()
        ContactMethod.objects.all().delete()
        make_mobile(people.nurse, "+13125550111", opted_out_at=now)
        page.goto(PAGE)
        look("stopped")
        failed = {"last_failed_at": now, "last_error": "not a mobile number (21614)"}
        ContactMethod.objects.update(opted_out_at=None, **failed)
        page.goto(PAGE)
        look("broken")
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        page.goto("/desk/staff/")
        expect(page.get_by_text("not a mobile number")).to_be_visible()
        look("what the manager sees")
    assert {name: result for name, result in found.items() if result != ([], 0)} == {}
