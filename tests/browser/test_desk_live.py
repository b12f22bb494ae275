"""The worklist in a browser: it stays fresh, keeps the reader's place, and never claims to be live falsely."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.models import Patient
from recovery.care_plan import refresh
from tests.browser.desk import DESK, log_now, too_wide, violations
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
        expect(page.locator(".row-link").first).to_have_text("Emergency Recovers")
        assert focused(page) == "Rosa Recovers"
        expect(page).to_have_title("(2 waiting) Worklist – Kypho Recovery")


def test_j_and_k_move_and_enter_opens_the_chart(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    one_more(people, "Calm")
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
        assert focused(page) == "Rosa Recovers"
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
        page.locator(".row-do button").click()
        expect(page.locator(".note")).to_contain_text("You have Rosa Recovers’s alert")
    assert Alert.objects.get().acked_by == people.nurse


def test_from_worklist_to_closed_in_one_sitting(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        page.locator(".row-do button").click()
        act = page.locator(".act")
        act.get_by_label("In person", exact=True).check()
        act.get_by_label("What was said").fill("No deficit.")
        act.get_by_label("Done", exact=True).check()
        act.get_by_label("Examined in person", exact=True).check()
        act.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The alert is closed.")).to_be_visible()
    assert Alert.objects.get().outcome == "seen_in_clinic"


def test_slash_finds_a_takes_and_letters_can_be_turned_off(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        page.keyboard.press("/")
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.type("jaka?")  # letters of a field are letters
        expect(page.locator("#find")).to_have_value("jaka?")
        expect(page.locator("#keys")).to_be_hidden()
        page.locator("#find").blur()
        page.keyboard.press("?")
        page.get_by_label("Use letter keys").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        assert focused(page) != "Rosa Recovers"
        page.locator("#keys-open").click()
        page.get_by_label("Use letter keys").check()
        page.get_by_role("button", name="Close").click()
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.wait_for_url("**/desk/patients/**")
    assert Alert.objects.get().acked_by == people.nurse


def test_words_typed_in_a_row_stay_while_the_list_is_fresh(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    make_procedure(make_patient(people.clinic, "Silent"), timezone.now() - timedelta(days=5))
    refresh.refresh_due(timezone.now())
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        open_list(page)
        page.get_by_text("Promised").click()
        page.get_by_label("In the patient’s words").fill("after breakf")
        one_more(people, "Emergency", **BREATHLESS)
        look_again(page)
        expect(page.locator(".row-link").first).to_have_text("Emergency Recovers")
        expect(page.locator("nav.chips .chip").first).to_have_text("All 3")
        page.keyboard.type("ast")
        expect(page.get_by_label("In the patient’s words")).to_have_value("after breakfast")
        page.get_by_role("button", name="Logs tomorrow by 10 AM").click()
        expect(page.get_by_role("status").get_by_text("promised to log by")).to_be_visible()
    assert Alert.objects.get(snoozed_until__isnull=False).snooze_reason.endswith("after breakfast")


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_on_a_wide_screen_the_chart_opens_beside_the_list(
    browser: Browser, live_server: LiveServer, people: Cast, colors: Any
) -> None:
    size = {"width": 1920, "height": 1080}
    with phone(browser, live_server.url, people.nurse.user, viewport=size, color_scheme=colors) as page:
        open_list(page)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        chart = page.get_by_role("complementary", name="Chart")
        expect(chart.get_by_role("heading", level=1)).to_have_text("Rosa Recovers")
        assert page.url.endswith("/desk/")
        expect(chart.get_by_role("link", name="Open chart")).to_be_focused()
        assert (violations(page), too_wide(page)) == ([], 0)
        chart.get_by_role("button", name="Close").click()
        assert focused(page) == "Rosa Recovers"
