"""The loop in a real browser: snooze, judge on closing, read the figures, and what the patient sees of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from recovery.journey import actions
from recovery.models import DailyLog
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import BREATHLESS, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
# The stream is another process's work: here it is away.
STREAM = "**/events/board/"


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()
    return cast()


def test_a_watch_item_is_put_off_with_the_keyboard(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people.patient, people.procedure, back_stiff="new_or_worse")
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(f"/desk/patients/{people.patient.code}/")
        page.get_by_role("link", name="Snooze").press("Enter")
        page.get_by_role("button", name="Snooze it").press("Enter")
        expect(page.locator(".error-summary")).to_have_count(1)
        page.get_by_label("Tomorrow").press("Space")
        page.get_by_label("Why it can wait").fill("Physiotherapist comes today")
        page.get_by_role("button", name="Snooze it").press("Enter")
        expect(page.get_by_text("It comes back at once if anything gets worse.")).to_be_visible()
        page.route(STREAM, lambda route: route.fulfill(status=502))
        page.goto("/desk/")
        expect(page.get_by_role("heading", name="Snoozed for now")).to_be_visible()
        assert violations(page) == []


def test_the_figures_can_be_read_printed_and_taken_along(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    with phone(browser, live_server.url, people.manager.user, viewport=DESK) as page:
        page.goto("/desk/figures/")
        page.get_by_label("Time").select_option("90")
        page.get_by_role("button", name="Show").click()
        expect(page.locator(".fig .head")).to_contain_text("last 90 days")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert download.value.suggested_filename == "figures-90-days.csv"
        page.get_by_role("link", name="RTM report").click()
        expect(page.get_by_role("row", name=people.patient.name)).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.go_back()
        page.emulate_media(media="print")
        expect(page.locator(".top")).to_be_hidden()
        expect(page.locator(".fig-form")).to_be_hidden()
        expect(page.locator(".big3").first).to_be_visible()


def _tried(people: Cast) -> None:
    actions.record_try(staff=people.nurse, code=Alert.objects.get().code, note="", now=timezone.now())


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_patient_sees_the_missed_call_and_the_number_without_a_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    _tried(people)
    assert people.patient.user
    with phone(browser, live_server.url, people.patient.user, viewport=size) as page:
        page.goto("/today/")
        expect(page.locator("#told")).to_contain_text("Please call back now")
        expect(page.locator("#told a[href^='tel:']").first).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        Alert.objects.update(clock_started_at=timezone.now() - timedelta(minutes=40))
        page.reload()
        expect(page.locator(".do-not-wait-now a")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_do_not_wait_any_longer_is_seen_without_scrolling(
    browser: Browser, live_server: LiveServer, people: Cast, scripts: bool
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    log = DailyLog.objects.get()
    assert people.patient.user
    with phone(browser, live_server.url, people.patient.user, java_script_enabled=scripts) as page:
        for path in ("/today/", f"/log/{log.code}/advice/"):
            Alert.objects.update(clock_started_at=timezone.now())
            page.goto(path)
            expect(page.locator("#told")).to_contain_text("in 30 minutes")
            Alert.objects.update(clock_started_at=timezone.now() - timedelta(minutes=40))
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))") if scripts else page.reload()
            expect(page.locator(".do-not-wait-now")).to_be_in_viewport(ratio=1)
            if scripts:
                assert violations(page) == []


def test_911_stays_above_a_call_that_did_not_come(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    log_now(people.patient, people.procedure, **BREATHLESS)
    code, log = Alert.objects.get().code, DailyLog.objects.get()
    then = timezone.now() - timedelta(minutes=30)
    actions.record_contact(
        staff=people.nurse,
        code=code,
        level="contacted",
        note="x",
        call_back_by=then + timedelta(minutes=5),
        now=then,
    )
    with phone(browser, live_server.url, people.patient.user) as page:
        page.goto(f"/log/{log.code}/advice/")
        expect(page.locator("#told")).to_contain_text("You were promised a call by")
        call, told = page.locator(".call-911:visible").bounding_box(), page.locator("#told").bounding_box()
        assert call
        assert told
        assert call["y"] < told["y"]
