"""Every page of patients and helpers in another language: Spanish has no barrier, in a long one nothing is cut.

One walk each, on one phone: the pages are those of their readers, and every one of them is opened.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import User
from recovery.models import DailyLog
from tests import pseudo
from tests.browser.barriers import of_a_patient as violations
from tests.browser.desk import log_now
from tests.browser.phone import phone, to_the_end
from tests.people import Cast, cast
from tests.recovery.conftest import CALM, NUMB
from tests.recovery.test_pages_in_spanish import ENGLISH

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[Page, str], None]
SMALL = {"width": 320, "height": 568}
BEFORE = ("/accounts/login/", "/accounts/login/?staff=1", "/offline/")
OWN = (
    *("/today/", "/plan/", "/history/", "/help/", "/card/", "/learn/", "/visit/"),
    *("/my/reminders/", "/my/messages/", "/my/helpers/", "/my/calendar/", "/my/sign-in/", "/my/show-again/"),
    *("/my/phones/", "/my/travel/", "/accounts/logout/"),
)
OF_A_HELPER = ("/today/", "/people/", "/my/turn/", "/plan/", "/help/")
STEPS = 10
# What stands outside of the screen or of its own box, or in a box that hides what does not fit.
CUT = """() => {
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const place = texts.currentNode.parentElement;
    const said = texts.currentNode.data.trim();
    if (!said || place.closest('script, style, noscript, template, select, svg')) continue;
    if (!place.checkVisibility({visibilityProperty: true}) || place.closest('.visually-hidden, .skip')) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = place.closest('.btn, .tile, .tabs a, .call-911, .notice, .plain-card, td, th, summary, .tag');
    const edge = box?.getBoundingClientRect();
    for (const {left, right, top, bottom, width} of range.getClientRects()) {
      if (!width) continue;
      const out = left < -1 || right > innerWidth + 1;
      const over = edge && (left < edge.left - 1 || right > edge.right + 1 || bottom > edge.bottom + 2);
      if (out || over) found.add(`${out ? 'off the side' : 'out of its box'}: ${said}`);
    }
    for (let up = place; up && up !== document.documentElement; up = up.parentElement) {
      const style = getComputedStyle(up);
      const hides = ['hidden', 'clip'].includes(style.overflowX) && up.clientWidth > 1;
      if (hides && up.scrollWidth > up.clientWidth + 1) found.add(`cut off: ${said}`);
    }
  }
  const wide = document.documentElement.scrollWidth;
  return [...found, ...(wide > innerWidth ? [`sideways: ${wide}`] : [])];
}"""
# The words on the screen that are not marked as English.
SAID = """() => {
  const words = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const place = texts.currentNode.parentElement;
    if (place.closest('[lang]').lang !== 'en' && place.checkVisibility() && !place.closest('script, style'))
      words.push(texts.currentNode.data);
  }
  return words.join(' ').replace(/\\s+/g, ' ');
}"""


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Iterator[Cast]:
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()
    found = cast()
    found.clinic.after_hours_phone = "+13125550199"
    found.clinic.save()
    log_now(found.patient, found.procedure, **CALM)
    log_now(found.patient, found.procedure, **NUMB)
    User.objects.update(language="es")
    yield found
    cache.clear()


def in_big_letters(page: Page) -> None:
    page.evaluate("document.documentElement.style.fontSize = '200%'")


def walk(
    browser: Browser,
    url: str,
    people: Cast,
    look: Look,
    ready: Callable[[Page], None] = lambda page: None,
    **options: Any,
) -> None:
    """Open every page, as somebody who has not signed in, as a patient and as a helper."""
    options = {"service_workers": "block", "locale": "es-MX", **options}
    with phone(browser, url, None, **options) as page:
        ready(page)
        for path in (*BEFORE, f"/hello/{people.patient.card_token}/"):
            page.goto(path)
            look(page, path)
        walk_the_sign_in(page, people.patient.email, look)
    with phone(browser, url, people.patient.user, **options) as page:
        ready(page)
        for path in (*OWN, f"/log/{DailyLog.objects.latest('pk').code}/advice/"):
            page.goto(path)
            look(page, path)
        walk_the_log(page, look)
    with phone(browser, url, people.helper.user, **options) as page:
        ready(page)
        for path in OF_A_HELPER:
            page.goto(path)
            look(page, f"helper {path}")


def walk_the_sign_in(page: Page, address: str, look: Look) -> None:
    page.goto(BEFORE[0])
    page.locator("#id_address").fill(address)
    page.locator("#id_address").press("Enter")
    page.locator("#id_code").fill("12")
    look(page, "code")
    page.locator("#id_code").press("Enter")
    expect(page.locator("#error-summary, #error_1_id_code").first).to_be_visible()
    look(page, "wrong code")


def walk_the_log(page: Page, look: Look) -> None:
    """Each step, what has to be put right, and the screen that says to call 911."""
    page.goto("/log/")
    to_the_end(page)
    page.locator("button.send").click()
    expect(page.locator("#error-summary")).to_be_visible()
    for number in range(1, STEPS + 1):
        page.evaluate(f"location.hash = 'part-{number}'")
        expect(page.locator(f"#part-{number}")).to_be_visible()
        look(page, f"step {number}")
    page.evaluate("location.hash = 'part-1'")
    page.locator('[name="em_chest_pain"][value="yes"]').locator("xpath=..").click()
    expect(page.locator("#dialog-911")).to_be_visible()
    look(page, "call 911")


def test_no_page_in_spanish_has_a_barrier_or_an_english_sentence(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    found: dict[str, list[str]] = {}

    def look(page: Page, where: str) -> None:
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.lang") == "es", where
        said = page.evaluate(SAID)
        english = [text for text in ENGLISH if text in said]
        found[where] = [*violations(page), *english]

    walk(browser, live_server.url, people, look)
    assert {where: what for where, what in found.items() if what} == {}


def test_forty_percent_more_letters_fit_the_smallest_phone(
    browser: Browser, live_server: LiveServer, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    pseudo.speak(monkeypatch)
    found: dict[str, list[str]] = {}

    def look(page: Page, where: str) -> None:
        page.wait_for_load_state()
        found[where] = page.evaluate(CUT)
        in_big_letters(page)
        found[f"{where}, big letters"] = [one for one in page.evaluate(CUT) if one.startswith("sideways")]
        page.evaluate("document.documentElement.style.fontSize = ''")

    walk(browser, live_server.url, people, look, pseudo.speak_in_scripts, viewport=SMALL)
    assert {where: what for where, what in found.items() if what} == {}
