"""The line after a copy was put back: without a barrier, on a desk and a phone, and gone by one key."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.integrity import epochs
from alerts.models import EpochCheck
from tests.browser.desk import DESK, PHONE, ZOOMED, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import NUMB

pytestmark = pytest.mark.django_db(transaction=True)
# The stream is another process's work, and would outlive this test.
STREAM = "**/events/board/"
SENTENCE = "The records were restored from a backup"


@pytest.fixture
def people(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Cast]:
    """An urgent alert, and records that were put back."""
    settings.STAFF_SECOND_FACTOR, settings.DATA_DIR = False, tmp_path
    epochs.forget()
    found, now = cast(), timezone.now()
    log_now(found.patient, found.procedure, **NUMB)
    known = epochs.look()
    here = epochs.where_we_are()
    assert epochs.begin("operator", now, here=here, newest=known, copied_at=now - timedelta(days=1))
    yield found
    epochs.forget()


@pytest.mark.parametrize("size", [DESK, PHONE, ZOOMED], ids=["desk", "phone", "zoomed"])
def test_the_line_has_no_barrier_and_goes_by_one_key(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.route(STREAM, lambda route: route.fulfill(status=503))
        for path in (f"/desk/patients/{people.patient.code}/", "/desk/"):
            page.goto(path)
            expect(page.get_by_role("heading", name=SENTENCE)).to_be_visible()
            page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
            assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("button", name="We have looked").press("Enter")
        expect(page.get_by_text("Written down: you looked at what is missing")).to_be_visible()
        expect(page.get_by_role("heading", name=SENTENCE)).to_have_count(0)
    assert EpochCheck.objects.get().staff == people.nurse


def test_an_alert_that_was_active_says_so_on_its_chart(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(f"/desk/patients/{people.patient.code}/")
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        expect(
            page.get_by_text("The records were restored from a backup; what was done before this")
        ).to_be_visible()
