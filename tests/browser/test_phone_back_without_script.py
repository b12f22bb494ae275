"""With no script: Back, then Send takes the place of what was sent from that page; a new page is a new log."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.phone import at, normal_day, phone, send, tap, tap_all
from tests.people import Cast, cast
from tests.recovery.conftest import CALM
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=False) as found:
        found.goto("/today/")
        found.get_by_role("link", name="How are you today?").click()
        yield found


def newest() -> DailyLog:
    return DailyLog.objects.latest("pk")


def back_to_the_log(page: Page) -> None:
    page.go_back()
    expect(page.get_by_text("What you send now takes their place.")).to_be_visible()
    # Beside Send too: the browser comes back to where it was.
    expect(page.get_by_text("This takes the place of what you sent before.")).to_be_visible()


def test_back_then_send_takes_the_place_of_what_was_sent_each_time(page: Page) -> None:
    normal_day(page)
    at(page, "#id_notes").fill("I slept on the sofa")
    send(page)
    first = newest()
    for mood in ("ok", "low"):
        before = newest()
        back_to_the_log(page)
        expect(page.locator('[name="pain_move"][value="2"]')).to_be_checked()
        expect(page.locator("#id_notes")).to_have_value("I slept on the sofa")
        tap(page, "mood", mood)
        send(page)
        assert (newest().supersedes, newest().answers["mood"]) == (before, mood)
    assert (DailyLog.objects.count(), first.supersedes) == (3, None)


def test_sent_again_unchanged_nothing_is_added_that_speaks_for_itself(page: Page) -> None:
    normal_day(page)
    send(page)
    first = newest()
    back_to_the_log(page)
    send(page)
    assert list(DailyLog.objects.filter(supersedes=None)) == [first]


def test_a_truly_new_log_is_one_of_its_own(page: Page) -> None:
    normal_day(page)
    send(page)
    page.get_by_role("link", name="Go to Today").click()
    page.get_by_role("link", name="How are you today?").click()
    assert not page.locator("[name=em_gate][value=none]").is_checked()
    normal_day(page)
    send(page)
    back_to_the_log(page)
    page.get_by_role("link", name="Start over").last.click()
    assert not page.locator("[name=em_gate][value=none]").is_checked()
    normal_day(page)
    send(page)
    assert DailyLog.objects.filter(supersedes=None).count() == 3


def test_an_urgent_part_is_found_again_when_its_page_had_come_back(page: Page) -> None:
    tap_all(page, {**CALM, "nerve_gate": "some"})
    tap(page, "numb", "yes")
    tap(page, "numb_where", "legs")
    tap(page, "numb_change", "new")
    at(page, "#id_temp_value").fill("ninety")
    send(page)
    expect(page.get_by_text("Please finish the questions marked below.")).to_be_visible()
    part = newest()
    back_to_the_log(page)
    at(page, "#id_temp_value").fill("98.6")
    send(page)
    assert (part.partial, newest().supersedes, newest().partial) == (True, part, False)


def test_a_part_that_was_sent_is_finished_in_its_place(page: Page) -> None:
    tap(page, "em_chest_pain", "yes")
    page.get_by_role("button", name="Send this to my clinic now").click()
    part = newest()
    page.get_by_role("link", name="Finish my log").click()
    expect(page.locator('[name="em_chest_pain"]')).to_be_checked()
    tap_all(page, {code: answer for code, answer in CALM.items() if code != "em_gate"})
    send(page)
    assert (part.partial, newest().supersedes, newest().partial) == (True, part, False)
