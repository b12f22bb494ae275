"""Letters twice as large on a phone, as many over 65 read: nothing is broken into letters or off the side.

A phone makes letters larger, but its window no smaller for a style sheet: no rule of ours may rely on a width.
"""

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from recovery.models import DailyLog
from tests.browser.desk import PHONE, log_now, too_wide
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import NUMB

pytestmark = pytest.mark.django_db(transaction=True)
# Words of buttons and marks that must not break inside a word: one line, or two where there are two words.
WHOLE = ".bar a, .tabs a, .desk-nav > a, .me summary, .desk-me .btn, .tier, .number strong"
BROKEN = """marks => marks.filter(mark => {
    const range = document.createRange();
    range.selectNodeContents(mark);
    const boxes = [...range.getClientRects()].filter(box => box.width);
    const lines = new Set(boxes.map(box => Math.round(box.bottom / 24)));
    return mark.offsetParent && lines.size > mark.innerText.trim().split(/\\s+/).length + 1;
}).map(mark => mark.innerText)"""

# As wide as a time gets, whatever the hour: "9:52 AM" is narrower than "10:52 AM".
WIDEST = """times => times.forEach(time => {
    time.textContent = time.textContent
        .replace(/\\b[A-Z][a-z]{2} [A-Z][a-z]{2} \\d{1,2}\\b/, "Wed Nov 30")
        .replace(/\\b\\d{1,2}:\\d\\d\\b/, "12:00");
})"""


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()
    found = cast()
    found.clinic.after_hours_phone = "+13125550199"
    found.clinic.save()
    log_now(found.patient, found.procedure, **NUMB)
    return found


def troubles(page: Page, address: str) -> list[Any]:
    page.goto(address)
    page.locator("time").evaluate_all(WIDEST)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return [address, too_wide(page), page.locator(WHOLE).evaluate_all(BROKEN)]


def test_a_patient_reads_with_letters_twice_as_large(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log = DailyLog.objects.get()
    with phone(browser, live_server.url, people.patient.user, viewport=PHONE) as page:
        for address in ("/today/", "/log/", "/history/", "/plan/", "/learn/", f"/log/{log.code}/advice/"):
            assert troubles(page, address) == [address, 0, []]
        bar = page.locator(".bar").bounding_box()
        assert bar
        assert bar["height"] < PHONE["height"] / 3


def test_a_nurse_reads_with_letters_twice_as_large(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    alert = Alert.objects.get()
    chart, contact = f"/desk/patients/{people.patient.code}/", f"/desk/alerts/{alert.code}/contact/"
    with phone(browser, live_server.url, people.nurse.user, viewport=PHONE) as page:
        for address in ("/desk/", chart, contact, "/desk/me/contacts/"):
            assert troubles(page, address) == [address, 0, []]
