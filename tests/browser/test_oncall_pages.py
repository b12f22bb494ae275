"""Who is told and who is on call: without a barrier, on a desk and on a phone, by keyboard, without a script."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.lifecycle.shift_end import end_shift
from alerts.models import EscalationPolicy, OnCallShift
from alerts.oncall import swaps
from tests.alerts.steps import shift
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import NUMB

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    found, now = cast(), timezone.now()
    own = shift(found.nurse, now - timedelta(hours=2), 30)
    shift(found.nurse2, now + timedelta(hours=5), 4, replaces=own)
    log_now(found.patient, found.procedure, **NUMB)
    later = shift(found.nurse, now + timedelta(days=3), 9)
    swaps.offer(shift=later, by=found.nurse, to_staff=found.nurse2, now=now)
    end_shift(staff=found.nurse, to_staff=found.nurse2, text="Bed rest until noon", with_alerts=False, now=now)
    return found


@SIZES
def test_no_page_has_a_barrier_or_is_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    found = {}
    row = OnCallShift.objects.earliest("starts_at")
    week = "/desk/oncall/"
    paths = [week, f"{week}?from=2026-10-30", f"{week}{row.pk}/", f"{week}hand-over/"]
    for who in (people.nurse2, people.manager):
        with phone(browser, live_server.url, who.user, viewport=size) as page:
            for path in [*paths, "/desk/policy/", "/desk/"]:
                page.goto(path)
                page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
                found[who.name, path] = (violations(page), too_wide(page))
    assert {path: result for path, result in found.items() if result != ([], 0)} == {}


@SIZES
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_manager_bends_a_plan_and_is_told_when_it_bends_too_far(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any, script: bool
) -> None:
    options = {"viewport": size, "java_script_enabled": script}
    with phone(browser, live_server.url, people.manager.user, **options) as page:
        page.goto("/desk/policy/")
        card = page.locator("#call_911")
        card.get_by_text("Change this plan").click()
        card.get_by_role("button", name="Move up step 3").click()
        expect(card.get_by_role("group", name="Step 2").first.get_by_label("Tell")).to_have_value("physician")
        wait = card.get_by_label("Minutes after the step before").first
        wait.fill("45")
        card.get_by_label("Why").fill("Nights are short")
        card.get_by_label("Why").press("Enter")
        expect(card.get_by_text("Step 2 waits 45 minutes. Allowed are 1 to 10 minutes.")).to_be_visible()
        expect(wait).to_have_value("45")
        assert too_wide(page) == 0
        wait.fill("2")
        wait.press("Enter")
        expect(card.get_by_text("Not saved yet.")).to_be_visible()
        assert not EscalationPolicy.objects.exists()
        card.get_by_role("button", name="Save this plan").click()
        expect(page.get_by_text("The plan is saved.")).to_be_visible()
        expect(page.locator("#call_911").get_by_text("Nights are short")).to_be_visible()


@SIZES
def test_a_manager_adds_a_shift_by_keyboard_and_wrong_times_stay(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any
) -> None:
    zone = ZoneInfo(people.clinic.timezone)
    start = (timezone.now() + timedelta(days=5)).astimezone(zone).replace(minute=0)
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        page.goto("/desk/oncall/")
        page.get_by_label("Who").select_option(label="Niles Staff, nurse")
        page.get_by_label("From").fill(f"{start:%Y-%m-%dT%H:%M}")
        page.get_by_label("Until").fill(f"{start - timedelta(hours=1):%Y-%m-%dT%H:%M}")
        page.get_by_label("Until").press("Enter")
        expect(page.get_by_role("link", name="has to end after it starts")).to_be_visible()
        expect(page.get_by_label("From")).to_have_value(f"{start:%Y-%m-%dT%H:%M}")
        # A link half above the screen, where the wrong field scrolled to, is no small target.
        page.evaluate("window.scrollTo(0, 0)")
        assert violations(page) == []
        page.get_by_label("Until").fill(f"{start + timedelta(hours=6):%Y-%m-%dT%H:%M}")
        page.get_by_label("Until").press("Enter")
        expect(page.get_by_text("Niles Staff is on call: ")).to_be_visible()
