"""The main job on the real thing: every process running, a patient's phone, and a nurse's screen beside it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from recovery.management import demo
from tests.processes import running_stack
from tests.waiting import until

pytestmark = [pytest.mark.processes, pytest.mark.browser]
PATIENCE_MS = 60_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """bin/up's own stack with the demo clinic, its scripts and styles as browsers get them."""
    tmp_path.chmod(0o711)
    with running_stack(tmp_path, demo=True, PLAIN_STATIC="0") as address:
        yield address


def screen(browser: Browser, site: str, width: int, height: int) -> Page:
    page = browser.new_context(base_url=site, viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def signed_in_nurse(browser: Browser, site: str) -> Page:
    page = screen(browser, site, 1280, 800)
    page.goto("/accounts/login/")
    page.locator("summary").click()
    page.locator("input[name=login]").last.fill(demo.STAFF[0].email)
    page.locator("input[type=password]").fill(demo.PASSWORD)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url("**/desk/")
    return page


def signed_in_patient(browser: Browser, site: str, email: str) -> Page:
    """By the 6-digit code, read where a demo shows its messages."""
    page = screen(browser, site, 390, 844)
    page.goto("/")
    # The first page brings its own style, which the policy of the browser lets in.
    expect(page.locator("head style")).to_have_count(2)
    expect(page.locator("body")).to_have_css("margin", "0px")
    page.locator("form input:not([type=hidden])").first.fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_url("**/enter/")
    outbox = page.context.new_page()
    outbox.goto("/outbox/")
    code = re.search(r"\b(\d{3} ?\d{3})\b", outbox.inner_text("main"))
    outbox.close()
    assert code
    page.locator("input[autocomplete=one-time-code]").fill(code.group(1))
    page.locator("input[autocomplete=one-time-code]").press("Enter")
    page.wait_for_url("**/today/")
    return page


def test_a_tap_on_the_phone_reaches_the_nurse_and_her_answer_comes_back(browser: Browser, site: str) -> None:
    nurse = signed_in_nurse(browser, site)
    expect(nurse.locator("#live-words")).to_have_text("Live", timeout=PATIENCE_MS)
    patient = signed_in_patient(browser, site, "mei@demo.example")
    patient.get_by_role("link", name="How are you today?").click()

    patient.locator("#div_id_em_chest_pain .tile").click()
    expect(patient.locator("#dialog-911")).to_be_visible(timeout=PATIENCE_MS)

    row = nurse.locator(".row", has_text="Mei Lin")
    expect(row).to_contain_text("Call 911", timeout=PATIENCE_MS)
    row.get_by_role("button", name="Take").click()
    nurse.wait_for_url("**/desk/patients/**")
    expect(nurse.locator("main")).to_contain_text("Ana Reyes took the alert")

    patient.goto("/today/")
    expect(patient.locator("main")).to_contain_text("Ana")
    _messages_never_say_why(screen(browser, site, 1280, 800))
    _all_is_well(browser, site)


def _messages_never_say_why(page: Page) -> None:
    """What was sent to staff meanwhile, where a demo shows it."""
    page.goto("/outbox/")
    expect(page.locator("main")).to_contain_text("nurse@demo.example", timeout=PATIENCE_MS)
    text = page.inner_text("main").lower()
    assert not any(word in text for word in ("chest", "numb", "walter", "mei lin", "fever"))


def _all_is_well(browser: Browser, site: str) -> None:
    """Health answers 200 once the clock has ticked."""
    request = browser.new_context().request
    seconds = PATIENCE_MS / 1000
    until(lambda: request.get(f"{site}/health/").status == 200, seconds, every_seconds=0.5)
