"""What somebody filled in comes back after a reload, and what they sent takes its own place after Back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, press_send, raw, ready
from tests.browser.phone import at, phone, tap, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
DRAFT = """async (about) => {
  const { get } = await import('/static/js/store.js');
  return (await get('draft', about))?.entries || [];
}"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        found.goto("/log/")
        yield found


def drafts(page: Page) -> int:
    return sum(row["kind"] == "draft" for row in raw(page)["things"])


def until_drafted(page: Page, people: Cast, name: str, value: str) -> None:
    """A draft is kept a moment after the last change."""
    until(lambda: [name, value] in page.evaluate(DRAFT, str(people.patient.code)), page=page)


@pytest.mark.parametrize("signal", [True, False])
def test_a_half_filled_log_comes_back_and_is_gone_once_it_is_sent(page: Page, people: Cast, signal: bool) -> None:
    if not signal:
        go_offline(page)
        page.goto("/log/")
    fill(page, nerve_gate="some", numb="yes", numb_where="legs", numb_change="new")
    at(page, "#id_notes").fill("it began on the stairs")
    until_drafted(page, people, "notes", "it began on the stairs")
    assert "stairs" not in str(raw(page))
    page.goto("/today/")
    page.goto("/log/")
    expect(page.get_by_text("This log is not finished.")).to_be_visible()
    expect(page.locator("#id_notes")).to_have_value("it began on the stairs")
    assert page.locator('[name="numb_where"][value="legs"]').is_checked()
    assert violations(page) == []
    press_send(page)
    if signal:
        to_advice(page)
        assert DailyLog.objects.get().assessment.tier == "call_doctor_now"
    else:
        expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible(timeout=6000)
    page.goto("/log/")
    expect(page.locator("#acts .answer")).to_be_visible()
    expect(page.locator("#draft-note")).to_be_hidden()
    assert (page.locator("#id_notes").input_value(), drafts(page)) == ("", 0)


def test_who_starts_over_has_an_empty_log(page: Page, people: Cast) -> None:
    fill(page)
    until_drafted(page, people, "pain_meds", "none")
    page.reload()
    page.locator("#draft-note").get_by_role("link", name="Start over").click()
    expect(page.locator("#draft-note")).to_be_hidden()
    assert not page.locator("[name=em_gate][value=none]").is_checked()
    assert drafts(page) == 0


def test_back_then_send_takes_the_place_of_what_was_sent(page: Page) -> None:
    fill(page)
    tap(page, "pain_meds", "acetaminophen")
    at(page, "#id_apap_total_mg").fill("3000")
    press_send(page)
    to_advice(page)
    first = DailyLog.objects.get()
    page.go_back()
    page.wait_for_url("**/log/**")
    expect(page.locator('[name="pain_move"][value="2"]')).to_be_checked()
    expect(page.get_by_text("This takes the place of what you sent before.")).to_be_visible()
    tap(page, "mood", "ok")
    expect(page.locator("#id_apap_total_mg")).to_have_value("3000")
    press_send(page)
    to_advice(page)
    second = DailyLog.objects.exclude(pk=first.pk).get()
    assert (second.supersedes, second.answers["mood"]) == (first, "ok")
    page.goto("/today/")
    page.get_by_role("link", name="How are you today?").click()
    fill(page)
    press_send(page)
    to_advice(page)
    third = DailyLog.objects.order_by("pk").last()
    assert (DailyLog.objects.count(), third and third.supersedes) == (3, None)


def test_an_emergency_that_comes_back_is_not_told_a_second_time(page: Page, people: Cast) -> None:
    tap(page, "em_chest_pain", "yes")
    expect(page.get_by_text("Your clinic has your answers.")).to_be_visible()
    page.get_by_role("button", name="Go back to my log").click()
    until_drafted(page, people, "em_chest_pain", "yes")
    page.goto("/today/")
    expect(page.get_by_role("heading", name="Call 911 now")).to_be_visible()
    page.goto("/log/")
    expect(page.locator('[name="em_chest_pain"]')).to_be_checked()
    fill(page)
    press_send(page)
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible()
    part, whole = DailyLog.objects.order_by("pk")
    assert (part.partial, whole.partial, whole.supersedes) == (True, False, part)
