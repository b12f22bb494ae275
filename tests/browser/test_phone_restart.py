"""A log that waits for a signal is still there after the browser was closed, and goes out by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.offline import fill, go_offline, kept, press_send, ready, until_received
from tests.browser.phone import SIZE, session_of
from tests.chromium import ARGUMENTS, find_chromium
from tests.people import cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def started(browser: Browser, folder: Path, url: str) -> Iterator[Page]:
    """A browser of its own, which keeps everything in a folder, as one on a phone does."""
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=find_chromium(), args=ARGUMENTS, base_url=url, viewport=SIZE
    )
    yield context.pages[0]
    context.close()


def test_a_waiting_log_goes_out_after_the_browser_was_closed(
    browser: Browser, live_server: LiveServer, transactional_db: None, tmp_path: Path
) -> None:
    user = user_of(cast().patient)
    with started(browser, tmp_path, live_server.url) as page:
        name, key, until = settings.SESSION_COOKIE_NAME, session_of(user), time() + settings.SESSION_COOKIE_AGE
        page.context.add_cookies([{"name": name, "value": key, "url": live_server.url, "expires": until}])
        ready(page)
        go_offline(page)
        page.goto("/log/")
        fill(page, nerve_gate="some", numb="yes", numb_where="legs", numb_change="new")
        press_send(page)
        expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible(timeout=9000)
        assert len(kept(page, "log")) == 1
    assert not DailyLog.objects.exists()
    with started(browser, tmp_path, live_server.url) as page:
        page.goto("/today/")
        until_received(page)
    assert DailyLog.objects.get().assessment.tier == "call_doctor_now"
