"""Whatever becomes of a log in the background, the open screen says it; and only the clinic is believed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, go_online, kept, press_send, ready, until_received
from tests.browser.phone import phone, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
NUMB = {"nerve_gate": "some", "numb": "yes", "numb_where": "legs", "numb_change": "new"}
HOTEL = "<!doctype html><title>Hotel Wi-Fi</title><h1>Sign in to Hotel Wi-Fi</h1>"
OURS = {"X-Kypho": "1"}


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        yield found


def held_here(page: Page, **answers: Any) -> None:
    """A log that was filled in with no signal and waits."""
    go_offline(page)
    page.goto("/log/")
    fill(page, **answers)
    press_send(page)
    expect(page.locator("p[data-state=waiting]:visible").first).to_be_visible(timeout=6000)


def refused(status: int) -> Any:
    body = json.dumps({"title": "Your clinic has closed this recovery.", "status": status, "errors": []})
    return lambda route: route.fulfill(
        status=status, body=body, headers=OURS, content_type="application/problem+json"
    )


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_in_the_background_changes_the_open_answer(page: Page, status: int) -> None:
    held_here(page)
    page.context.route("**/api/logs/", refused(status))
    go_online(page)
    expect(page.locator("p[data-state=refused]")).to_contain_text("closed this recovery", timeout=15_000)
    expect(page.locator("p[data-state=waiting]")).to_be_hidden()


def test_signed_out_meanwhile_changes_the_open_answer(page: Page) -> None:
    held_here(page)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    go_online(page)
    expect(page.get_by_role("link", name="Sign in to send")).to_be_visible(timeout=15_000)
    assert violations(page) == []


def test_today_says_at_once_what_an_urgent_log_that_goes_out_now_means(page: Page) -> None:
    held_here(page, **NUMB)
    page.goto("/today/")
    mark = page.locator("#unsent")
    expect(mark).to_contain_text("Call your doctor now")
    expect(mark.get_by_role("link", name="(312) 555-0100")).to_be_visible()
    assert violations(page) == []
    go_online(page)
    expect(page.locator("#banner-title")).to_have_text("Call your doctor now", timeout=15_000)
    assert kept(page, "log") == []


def test_another_page_says_it_too_and_leads_to_the_advice(page: Page) -> None:
    held_here(page, **NUMB)
    page.goto("/plan/")
    go_online(page)
    said = page.locator("#just-sent")
    expect(said).to_contain_text("Call your doctor now", timeout=15_000)
    assert violations(page) == []
    said.get_by_role("link", name="See what to do").click()
    expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible()


def test_a_verdict_is_opened_again_with_and_without_a_signal(page: Page) -> None:
    held_here(page, **NUMB)
    page.goto("/log/")
    page.locator("#unsent").get_by_role("link", name="See all of it").click()
    advice = page.locator("#phone-advice")
    expect(advice.get_by_role("heading", name="Call your doctor now")).to_be_visible()
    expect(advice.get_by_text("Saved on this phone. NOT yet received by the clinic.").first).to_be_visible()
    assert violations(page) == []
    go_online(page)
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize(("answers", "priority"), [(NUMB, "u=0"), ({}, None)])
def test_an_urgent_log_says_how_urgent_it_is(page: Page, answers: dict[str, Any], priority: str | None) -> None:
    """A clinic that cannot answer everybody at once takes it first."""
    ready(page)
    page.goto("/log/")
    fill(page, **answers)
    with page.expect_response("**/api/logs/") as answered:
        press_send(page)
    assert answered.value.request.headers.get("priority") == priority
    to_advice(page)
    page.wait_for_load_state("networkidle")


def test_an_urgent_log_asks_for_nothing_else_before_it_goes(page: Page) -> None:
    held_here(page, **NUMB)
    full = {"Retry-After": "2", **OURS}
    page.context.route("**/api/facts/*", lambda route: route.fulfill(status=503, headers=full))
    go_online(page)
    expect(page.get_by_text("Your clinic has this log now.").first).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_hotels_login_page_is_no_answer(page: Page, status: int) -> None:
    held_here(page, **NUMB)
    asked: list[str] = []

    def hotel(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, body=HOTEL, content_type="text/html")

    page.context.route("**/api/**", hotel)
    go_online(page)
    until(lambda: any("logs/" in url for url in asked), page=page)
    tries = len(asked)

    def asks_again() -> bool:
        """A new try begins when the one before is over."""
        page.evaluate("window.dispatchEvent(new Event('online'))")
        return len(asked) > tries

    until(asks_again, page=page)
    expect(page.locator("p[data-state=waiting]:visible").first).to_be_visible()
    assert [log["state"] for log in kept(page, "log")] == ["waiting"]
    page.context.unroute("**/api/**")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until_received(page)
    assert DailyLog.objects.count() == 1


def test_a_hotels_login_page_does_not_stand_where_the_log_should(page: Page) -> None:
    page.context.route("**/log/", lambda route: route.fulfill(status=200, body=HOTEL, content_type="text/html"))
    page.goto("/log/")
    expect(page.get_by_role("heading", name="How are you today?")).to_be_visible()
