"""A nurse takes a log by phone: what she typed outlives a reload, and says when it was said."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.phone import normal_day, phone, tap, tap_all
from tests.people import Cast, cast
from tests.recovery.conftest import CALM, NUMB

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


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_an_emergency_is_said_at_once_and_stored_before_the_rest(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto(f"/desk/patients/{people.patient.code}/log/")
        dialog = page.get_by_role("dialog", name="Tell the patient: call 911 now")
        expect(dialog).to_be_hidden()
        tap(page, "em_chest_pain", "yes")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_text("This answer is stored")).to_be_visible()
        assert violations(page) == []
        part = DailyLog.objects.get()
        assert (part.partial, part.answers["em_chest_pain"]) == (True, "yes")
        dialog.get_by_role("button", name="Back to the questions").click()
        expect(page.locator("#panel-911 h2")).to_be_visible()
        tap_all(page, {name: answer for name, answer in CALM.items() if name != "em_gate"})
        page.get_by_role("button", name="Send this log").click()
        expect(page.get_by_text("The log is stored: Call 911.")).to_be_visible()
    assert DailyLog.objects.exclude(pk=part.pk).get().supersedes == part


def test_what_needs_a_call_now_is_said_beside_the_questions(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=SIZES[1]) as page:
        page.goto(f"/desk/patients/{people.patient.code}/log/")
        tap(page, "em_gate", "none")
        line = page.locator("#so-far")
        expect(line).to_be_hidden()
        tap_all(page, NUMB)
        expect(line).to_contain_text("By the rules so far: Call your doctor now. Tell the patient:")
        assert violations(page) == []
        tap(page, "nerve_gate", "none")
    assert not DailyLog.objects.exists()


def test_without_scripts_the_page_shows_it_too_and_send_stores_it(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=SIZES[1], java_script_enabled=False) as page:
        page.goto(f"/desk/patients/{people.patient.code}/log/")
        expect(page.locator("#panel-911")).to_be_hidden()
        tap(page, "em_chest_pain", "yes")
        page.locator("#panel-911").get_by_role("button", name="Send what is answered so far").click()
        expect(page.get_by_text("Tell the patient: Call 911 now.")).to_be_visible()
