"""A thumb is faster than a slow network: an emergency is told although its tap came before the script."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

# The one script that tells, whatever its fingerprint; a script it needs is never held.
THE_SCRIPT = re.compile(r"/js/log(\.[0-9a-f]+)?\.js$")


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def test_a_tap_before_the_script_is_told_when_it_arrives(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    held: list[Route] = []
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.route(THE_SCRIPT, lambda route: held.append(route))
        page.goto("/log/", wait_until="commit")
        page.locator("#div_id_em_chest_pain .tile").click()
        page.locator("#panel-911").wait_for(state="visible")
        until(lambda: held, page=page)
        held[0].continue_()
        expect(page.locator("#dialog-911 .dialog-state")).to_contain_text("Your clinic has your answers")
    assert DailyLog.objects.get(partial=True).assessment.tier == "call_911"


def test_what_could_not_be_sent_is_tried_again_as_the_same_log(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.context.set_offline(True)
        page.locator("#div_id_em_chest_pain .tile").click()
        expect(page.locator("#dialog-911")).to_be_visible()
        until(lambda: failed, page=page)
        page.context.set_offline(False)
        expect(page.locator("#dialog-911 .dialog-state")).to_contain_text("Your clinic has", timeout=15_000)
    assert DailyLog.objects.filter(partial=True).count() == 1
