"""A phone counts its logs: the clinic sees that one waits there, until it has come."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog, PhoneCount
from tests.browser.offline import fill, go_offline, go_online, kept, press_send, ready, until_received
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
NOT_RECEIVED = "p[data-state=waiting]:visible >> text=NOT yet received by the clinic"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        yield found


def hold_the_first(route: Route) -> None:
    """Whatever becomes of the signal, the first log of this phone does not get out."""
    body = json.loads(route.request.post_data or "")
    return route.abort() if body["count"]["number"] == 1 else route.continue_()


def test_an_urgent_log_tells_of_the_calm_one_that_stayed_behind(page: Page) -> None:
    page.context.route("**/api/logs/", hold_the_first)
    go_offline(page)
    page.goto("/log/")
    fill(page)
    press_send(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=6000)
    assert [row["last"] for row in kept(page, "count")] == [1]
    go_online(page)
    page.goto("/log/")
    fill(page, nerve_gate="some", numb="yes", numb_where="legs", numb_change="new")
    press_send(page)
    expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("heading", name="Who has been told")).to_be_visible(timeout=15_000)
    row = PhoneCount.objects.get()
    assert (row.last, row.up_to, row.beyond, row.missing) == (2, 0, [2], 1)
    assert [one["sequence"] for one in kept(page, "count")] == [str(row.sequence)]
    page.context.unroute("**/api/logs/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until_received(page)
    row.refresh_from_db()
    assert (row.up_to, row.missing, row.missing_since, DailyLog.objects.count()) == (2, 0, None, 2)
