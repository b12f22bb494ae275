"""A nurse takes a log by phone: what she typed outlives a reload, and says when it was said."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.phone import normal_day, phone
from tests.browser.test_phone_pages import violations
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_a_reload_loses_nothing_and_a_wrong_time_is_said_beside_its_field(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto(f"/desk/patients/{people.patient.code}/log/")
        normal_day(page)
        with page.expect_response("**?so_far"):
            page.locator("#id_notes").fill("walks to the mailbox")
        page.reload()
        expect(page.get_by_text("What was answered before is still here.")).to_be_visible()
        expect(page.locator("#id_notes")).to_have_value("walks to the mailbox")
        expect(page.locator('[name="pain_move"][value="2"]')).to_be_checked()
        assert violations(page) == []
        page.get_by_label("When did the patient say this?").fill("2031-01-01T10:00")
        page.get_by_role("button", name="Send this log").click()
        expect(page.locator("#error_1_id_when")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("When did the patient say this?").fill("")
        page.get_by_role("button", name="Send this log").click()
        expect(page.get_by_text("The log is stored: Answers on track.")).to_be_visible()
        page.goto(f"/desk/patients/{people.patient.code}/log/")
        expect(page.get_by_text("What was answered before is still here.")).to_be_hidden()
    assert DailyLog.objects.get().answers["notes"] == "walks to the mailbox"
