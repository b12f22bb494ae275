"""The rule book on a phone, on a desk and on paper: no barrier, nothing cut off, no script needed."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.barriers import violations
from tests.browser.phone import phone
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_rule_book_has_no_barrier_and_is_not_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto("/desk/rules/")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_jump_list_leads_to_a_rule_without_scripts(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    options = {"viewport": size, "java_script_enabled": False}
    with phone(browser, live_server.url, people.nurse.user, **options) as page:
        page.goto("/desk/")
        page.get_by_text("More", exact=True).click()
        page.get_by_role("link", name="Rule book").click()
        page.get_by_role("navigation", name="On this page").get_by_role("link", name="Watch").click()
        page.get_by_role("list", name="Watch: rules").get_by_role("link", name="RW-17").click()
        expect(page.get_by_role("article", name="RW-17")).to_be_in_viewport()


def test_the_printed_rule_book_carries_the_rules_and_not_the_way_around(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto("/desk/rules/")
        page.emulate_media(media="print")
        expect(page.locator(".top")).to_be_hidden()
        expect(page.locator(".book-jump")).to_be_hidden()
        expect(page.get_by_role("article", name="R911-01")).to_be_visible()
        colours = (
            "new Set([...document.querySelectorAll('.book dt, .book .quiet')].map(e => getComputedStyle(e).color))"
        )
        assert page.evaluate(f"[...{colours}]") == ["rgb(0, 0, 0)"]
