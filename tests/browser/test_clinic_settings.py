"""Clinic settings in a real browser: a manager proposes, the lead signs; by keyboard, on a phone, on paper."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from patients.services.lead import name_lead
from recovery.settings.clinic_config import config_for
from recovery.settings.clinic_settings import propose
from tests.browser.desk import DESK, PHONE, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/desk/rules/settings/"


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


@pytest.fixture
def waiting(people: Cast) -> None:
    """A stricter value that counts, and a looser one that waits for the medical lead."""
    now = timezone.now()
    name_lead(manager=people.manager, staff=people.physician, now=now)
    for key, value in (("fever_threshold_f", 100.0), ("latch_h", 100)):
        propose(staff=people.manager, key=key, value=value, reason="A round", effective_from=None, now=now)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("who", ["nurse", "physician", "manager"])
def test_the_page_has_no_barrier_and_is_not_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, waiting: None, who: str, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, getattr(people, who).user, viewport=size) as page:
        page.goto(PAGE)
        if who == "manager":
            card = page.locator("#missed_log_h")
            card.locator("summary").click()
            card.get_by_role("button", name="Save").click()
            expect(card.get_by_text("Say why")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_manager_proposes_and_the_lead_signs_by_keyboard_with_or_without_scripts(
    browser: Browser, live_server: LiveServer, people: Cast, waiting: None, scripts: bool
) -> None:
    with phone(browser, live_server.url, people.manager.user, viewport=DESK, java_script_enabled=scripts) as page:
        page.goto("/desk/rules/")
        page.get_by_role("link", name="Clinic settings").click()
        card = page.locator("#ack_ttl_h")
        card.locator("summary").press("Enter")
        card.get_by_label("Value").fill("24")
        card.get_by_label("Why").fill("Nurses are here each day.")
        card.get_by_label("Why").press("Enter")
        expect(page.get_by_text("saved. It counts.")).to_be_visible()
    with phone(
        browser, live_server.url, people.physician.user, viewport=PHONE, java_script_enabled=scripts
    ) as page:
        page.goto(PAGE)
        page.get_by_role("button", name=re.compile("^Sign ?: A danger sign")).press("Enter")
        expect(page.get_by_text("Nothing waits.")).to_be_visible()
    found = config_for(people.clinic.pk, timezone.now())
    assert found == {"fever_threshold_f": 100.0, "latch_h": 100, "ack_ttl_h": 24}


def test_what_was_typed_is_there_again_beside_the_reason_it_was_refused(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.manager.user, viewport=PHONE) as page:
        page.goto(PAGE)
        card = page.locator("#fever_threshold_c")
        card.locator("summary").click()
        card.get_by_label("Value").fill("40")
        card.get_by_label("Why").fill("A slip")
        card.get_by_role("button", name="Save").click()
        expect(card.get_by_text("Enter a number from 37.2 to 38.3")).to_be_visible()
        expect(card.get_by_label("Value")).to_have_value("40")
        expect(card.get_by_label("Why")).to_have_value("A slip")


def test_the_printed_page_carries_the_settings_and_not_the_forms(
    browser: Browser, live_server: LiveServer, people: Cast, waiting: None
) -> None:
    with phone(browser, live_server.url, people.manager.user, viewport=DESK) as page:
        page.goto(PAGE)
        page.emulate_media(media="print")
        expect(page.locator("#fever_threshold_f summary")).to_be_hidden()
        expect(page.locator(".settings-jump")).to_be_hidden()
        expect(page.locator("#fever_threshold_f").get_by_text("Default", exact=True)).to_be_visible()
