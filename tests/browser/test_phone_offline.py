"""No signal: the phone judges, keeps, says what is true, and sends once when it can."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, go_online, kept, press_send, ready, until_received
from tests.browser.phone import at, normal_day, phone, session_of, tap, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE_MS = 3000  # sooner than any try to reach the clinic ends
HOLDS = "async (about) => (await (await caches.match('/log/shell/'))?.text())?.includes(about)"
NOT_RECEIVED = "p[data-state=waiting]:visible >> text=NOT yet received by the clinic"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    """The patient's phone, ready for no signal."""
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        yield found


def test_a_log_with_no_signal_is_judged_here_kept_and_arrives_once(page: Page) -> None:
    go_offline(page)
    page.goto("/log/")
    fill(page, nerve_gate="some", numb="yes", numb_where="legs", numb_change="new")
    press_send(page)
    expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible(timeout=6000)
    expect(page.locator(NOT_RECEIVED)).to_be_visible()
    expect(page.get_by_text("in 30 minutes, go to the ER")).to_be_visible()
    assert violations(page) == []
    assert not DailyLog.objects.exists()
    go_online(page)
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible(timeout=15_000)
    until_received(page)
    log = DailyLog.objects.get()
    assert (log.assessment.tier, log.assessment.difference, log.phone_tier) == (
        "call_doctor_now",
        "",
        "call_doctor_now",
    )
    assert log.phone_fired == [entry["id"] for entry in log.assessment.fired]
    # Where it went by its envelope, its page of advice is known a moment later.
    link = page.get_by_role("link", name="See who has been told")
    expect(link).to_have_attribute("href", re.compile("/advice/$"), timeout=15_000)
    link.click()
    expect(page.get_by_role("heading", name="Who has been told")).to_be_visible()
    assert kept(page, "log") == []


def test_two_open_pages_that_both_send_make_one_log(page: Page) -> None:
    go_offline(page)
    page.goto("/log/")
    fill(page)
    press_send(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=6000)
    other = page.context.new_page()
    other.goto("/today/")
    go_online(page)
    other.goto("/today/")
    other.evaluate("window.dispatchEvent(new Event('online'))")
    until_received(other)
    until_received(page)
    assert DailyLog.objects.count() == 1


def test_an_answer_that_is_lost_leads_to_the_same_log(page: Page) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().text())
        return route.abort()

    page.context.route("**/api/logs/", lose)
    page.goto("/log/")
    fill(page)
    press_send(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=6000)
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible(timeout=15_000)
    assert len(lost) == 1
    assert DailyLog.objects.count() == 1


def test_a_slow_clinic_is_not_waited_for(page: Page) -> None:
    held: list[Route] = []
    page.context.route("**/api/logs/", lambda route: held.append(route))
    page.goto("/log/")
    fill(page)
    press_send(page)
    expect(page.get_by_text("No warning signs in this log.")).to_be_visible(timeout=8000)
    expect(page.locator(NOT_RECEIVED)).to_be_visible()
    held[0].continue_()
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible()


def test_911_comes_before_anything_is_sent_also_with_no_network(page: Page) -> None:
    go_offline(page)
    page.goto("/log/")
    expect(page.locator("#dialog-911")).to_be_hidden()
    tap(page, "em_chest_pain", "yes")
    expect(page.get_by_role("alertdialog", name="Call 911 now")).to_be_visible(timeout=AT_ONCE_MS)
    page.get_by_role("button", name="Go back to my log").click()
    normal_day(page)
    press_send(page)
    call = page.locator("#phone-advice").get_by_role("link", name="Call 911")
    expect(call).to_be_visible(timeout=AT_ONCE_MS)
    assert call.get_attribute("href") == "tel:911"
    expect(page.locator(NOT_RECEIVED)).to_be_visible()
    assert violations(page) == []


def test_any_other_page_with_no_signal_says_where_to_call(page: Page) -> None:
    go_offline(page)
    # never seen on this phone: nothing is known of it
    page.goto("/log/11111111-2222-4333-8444-555555555555/advice/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="(312) 555-0100")).to_be_visible()
    assert page.locator(".call-911:visible").get_attribute("href") == "tel:911"
    assert violations(page) == []
    page.get_by_role("link", name="How are you today?").click()
    expect(page.get_by_role("heading", name="How are you today?")).to_be_visible()
    assert violations(page) == []


def test_a_sign_reported_with_no_signal_is_not_erased_by_a_calm_log_after_it(page: Page) -> None:
    go_offline(page)
    for answers, heading in (
        ({"nerve_gate": "some", "bladder": "leak"}, "Go to the ER now"),
        ({}, "Call your doctor now"),
    ):
        page.goto("/log/")
        fill(page)
        for name, value in answers.items():
            if name == "bladder":
                at(page, "#div_id_bladder .tile-open").click()
            tap(page, name, value)
        press_send(page)
        expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=6000)
        expect(page.locator(NOT_RECEIVED)).to_be_visible()
    page.goto("/log/")
    expect(page.locator("#unsent")).to_contain_text(
        "On this phone only: 2 logs, just now. Your clinic does NOT have it yet."
    )
    assert violations(page) == []
    go_online(page)
    until_received(page)
    assert [log.assessment.difference for log in DailyLog.objects.order_by("answered_at")] == ["", ""]


def test_somebody_signed_out_meanwhile_is_asked_to_sign_in_and_the_log_stays(page: Page, people: Cast) -> None:
    page.goto("/log/")
    fill(page)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    press_send(page)
    link = page.get_by_role("link", name="Sign in to send")
    expect(link).to_be_visible(timeout=6000)
    url = page.evaluate("location.origin")
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user_of(people.patient)), "url": url}]
    )
    page.goto("/today/")
    until_received(page)
    assert DailyLog.objects.count() == 1


def test_a_phone_that_can_keep_nothing_says_so_and_still_judges(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.add_init_script("indexedDB.open = () => { throw new DOMException('full', 'QuotaExceededError'); };")
        page.goto("/log/")
        fill(page)
        go_offline(page)
        press_send(page)
        expect(page.get_by_text("NOT received by the clinic, and this phone can not keep it.")).to_be_visible(
            timeout=9000
        )
        page.get_by_role("button", name="Go back to my answers").click()
        assert page.locator("[name=em_gate][value=none]").is_checked()
        go_online(page)
        press_send(page)
        to_advice(page)
    assert DailyLog.objects.count() >= 1


def test_a_staff_page_is_never_kept(page: Page, people: Cast, live_server: LiveServer) -> None:
    addresses = page.evaluate(
        """async () => { const found = [];
        for (const name of await caches.keys())
          for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
        return found; }"""
    )
    assert {a for a in addresses if not a.startswith("/static/")} == {"/log/shell/", "/offline/"}
