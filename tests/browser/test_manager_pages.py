"""A manager's pages on a desk and on a phone: what was done is in sight, and nothing has to be looked for."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.architecture.rows import webhook
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import BREATHLESS, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


@SIZES
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_step_that_was_added_or_moved_is_in_sight_and_next_for_the_keyboard(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any, script: bool
) -> None:
    options = {"viewport": size, "java_script_enabled": script}
    with phone(browser, live_server.url, people.manager.user, **options) as page:
        page.goto("/desk/policy/")
        card = page.locator("#call_911")
        card.get_by_text("Change this plan").click()
        card.get_by_role("button", name="Add a step").click()
        added = card.get_by_role("group", name="Step 5").first
        expect(added.get_by_label("Tell")).to_be_in_viewport()
        page.keyboard.press("Tab")
        expect(added.get_by_label("Tell")).to_be_focused()
        card.get_by_role("button", name="Move up step 5").click()
        expect(card.get_by_role("group", name="Step 4").first.get_by_label("Tell")).to_be_in_viewport()
        expect(card.get_by_role("group", name="Step 4").first.get_by_label("Tell")).to_have_value("")


@SIZES
def test_what_was_saved_is_said_in_sight(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any
) -> None:
    there = ZoneInfo(people.clinic.timezone)
    start = (timezone.now() + timedelta(days=20)).astimezone(there).replace(hour=10, minute=0)
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        page.goto("/desk/oncall/")
        page.get_by_role("link", name="Add a shift").click()
        page.get_by_label("Who").select_option(label="Niles Staff, nurse")
        page.get_by_label("From").fill(f"{start:%Y-%m-%dT%H:%M}")
        page.get_by_label("Until").fill(f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Add this shift").click()
        expect(page.get_by_text("Niles Staff is on call: ")).to_be_in_viewport()
        assert page.locator("main").evaluate("main => getComputedStyle(main).boxShadow") == "none"
        expect(page.get_by_role("link", name="Niles Staff")).to_be_visible()
        page.goto("/desk/policy/")
        card = page.locator("#call_doctor_now")
        card.get_by_text("Change this plan").click()
        card.get_by_label("Why").fill("Looked at for the winter")
        card.get_by_role("button", name="Save this plan").click()
        expect(page.get_by_text("The plan is saved.")).to_be_in_viewport()


@SIZES
def test_the_pages_of_what_was_sent_have_no_barrier_also_when_something_is_wrong(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any
) -> None:
    hook = webhook(people)
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        page.goto("/desk/webhooks/")
        card = page.get_by_role("region", name=hook.description)
        card.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("A test is on its way.")).to_be_visible()
        card.locator("summary").click()
        card.get_by_role("button", name="Turn off", exact=True).press("Enter")
        page.get_by_role("link", name="Say why").click()
        expect(card.get_by_label("Why")).to_be_in_viewport()
        found = {"webhooks": (violations(page), too_wide(page))}
        page.goto("/desk/deliveries/")
        expect(page.get_by_text("Webhook test")).to_be_visible()
        found["deliveries"] = (violations(page), too_wide(page))
    assert {name: result for name, result in found.items() if result != ([], 0)} == {}


def test_every_figure_fits_a_phone(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    log_now(people.patient, people.procedure, **BREATHLESS)
    with phone(browser, live_server.url, people.manager.user) as page:
        page.goto("/desk/figures/")
        for table in page.locator(".table-wrap").all():
            if table.is_visible():  # the weeks are folded
                assert table.evaluate("wrap => wrap.scrollWidth - wrap.clientWidth") == 0


def test_the_week_is_printed_without_forms(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, people.manager.user, viewport=DESK) as page:
        for path, kept in (("/desk/oncall/", ".week"), ("/desk/policy/", ".timeline")):
            page.goto(path)
            page.emulate_media(media="print")
            expect(page.locator(kept).first).to_be_visible()
            for button in page.get_by_role("button").all():
                expect(button).to_be_hidden()
            page.emulate_media(media="screen")
