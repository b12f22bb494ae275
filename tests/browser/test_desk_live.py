"""The worklist in a browser: it stays fresh, keeps the reader's place, and never claims to be live falsely."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.models import Patient
from tests.browser.desk import DESK, log_now
from tests.browser.phone import phone
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
# The stream is another process's work: here it is away, and the page has to do without.
STREAM = "**/events/board/"


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    found = cast()
    log_now(found.patient, found.procedure, **NUMB)
    return found


def one_more(people: Cast, name: str, **answers: Any) -> Patient:
    patient = make_patient(people.clinic, name)
    log_now(patient, make_procedure(patient), **answers)
    return patient


def look_again(page: Page) -> None:
    """What the stream's "changed" does."""
    with page.expect_response("**/desk/rows/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


def open_list(page: Page) -> None:
    page.route(STREAM, lambda route: route.fulfill(status=502))
    page.goto("/desk/")


def test_new_rows_come_in_and_the_reader_keeps_the_place(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        page.keyboard.press("j")
        assert focused(page) == "Rosa Recovers"
        one_more(people, "Emergency", **BREATHLESS)
        look_again(page)
        expect(page.locator(".work-link").first).to_have_text("Emergency Recovers")
        assert focused(page) == "Rosa Recovers"
        expect(page).to_have_title("(2 waiting) Worklist – Kypho Recovery")


def test_j_and_k_move_and_enter_opens_the_chart(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    one_more(people, "Calm")
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
        assert focused(page) == "Rosa Recovers"
        page.keyboard.press("t")
        assert focused(page).startswith("I’ll take it")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Rosa Recovers")


def test_without_the_stream_it_says_that_it_checks_and_without_answers_that_it_is_stale(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.clock.install()
        open_list(page)
        expect(page.locator("#live")).to_have_text("Checking every 30 seconds")
        page.route("**/desk/rows/", lambda route: route.abort())
        page.clock.run_for(60_000)
        expect(page.locator("#live")).to_contain_text("Stale since")
        page.unroute("**/desk/rows/")
        page.clock.run_for(31_000)
        expect(page.locator("#live")).to_have_text("Checking every 30 seconds")


def test_with_the_stream_it_says_live_and_looks_again_when_told(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    def tell(route: Route) -> None:
        body = "retry: 60000\n\nevent: changed\ndata: 1\n\n"
        route.fulfill(status=200, content_type="text/event-stream", body=body)

    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.route(STREAM, tell)
        with page.expect_response("**/desk/rows/"):
            page.goto("/desk/")


def test_signed_out_by_idleness_leaves_no_patient_on_the_screen(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        page.context.clear_cookies()
        look_again(page)
        page.wait_for_url("**/accounts/login/?idle=1**")
        expect(page.get_by_text("Rosa")).to_have_count(0)


def test_one_click_takes_an_alert_without_any_script(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK, java_script_enabled=False) as page:
        page.goto("/desk/")
        expect(page.locator("#live")).to_contain_text("Reloads every 30 seconds")
        page.locator(".work-do button").click()
        expect(page.locator(".note")).to_contain_text("You have Rosa Recovers’s alert")
    assert Alert.objects.get().acked_by == people.nurse


def test_from_worklist_to_closed_in_one_sitting(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        page.locator(".work-do button").click()
        act = page.locator(".act")
        act.get_by_label("In person", exact=True).check()
        act.get_by_label("What was said").fill("No deficit.")
        act.get_by_label("Done", exact=True).check()
        act.get_by_label("Examined in person", exact=True).check()
        act.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The alert is closed.")).to_be_visible()
    assert Alert.objects.get().outcome == "seen_in_clinic"
