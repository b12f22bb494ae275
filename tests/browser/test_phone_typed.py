"""What people really type: odd letters, long notes, temperatures with a unit; no urgent log is refused."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, press_send, ready
from tests.browser.phone import at, phone, tap, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
NUMB = {"nerve_gate": "some", "numb": "yes", "numb_where": "legs", "numb_change": "new"}


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        found.goto("/log/")
        yield found


def put(page: Page, name: str, text: str) -> None:
    """Into a field as a keyboard or a paste would, also letters the driver would not type."""
    at(page, f"[name={name}]").evaluate(
        "(place, text) => { place.value = text; place.dispatchEvent(new Event('input', {bubbles: true})); }", text
    )


def test_an_urgent_log_with_odd_letters_in_its_note_arrives_at_once(page: Page) -> None:
    fill(page, **NUMB)
    page.locator("#id_notes").evaluate("(place) => { place.value = 'so\\u0000 tired \\u202e today'; }")
    press_send(page)
    to_advice(page)
    log = DailyLog.objects.get()
    assert (log.answers["notes"], log.assessment.tier) == ("so  tired  today", "call_doctor_now")


def test_a_long_note_counts_its_letters_and_is_taken_whole(page: Page) -> None:
    fill(page)
    expect(page.locator("#id_notes_letters")).to_have_text("0 of 1000 letters")
    put(page, "notes", "tea and toast. " * 80 + "Now I have chest pain")
    expect(page.locator("#id_notes_letters")).to_contain_text("221 over 1000")
    expect(page.locator("#note-confirm")).to_be_visible()
    assert violations(page) == []
    press_send(page)
    expect(page.locator("#phone-advice").get_by_role("heading", name="Call 911 now")).to_be_visible()
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible()
    log = DailyLog.objects.get(partial=False)
    assert (log.assessment.tier, len(log.answers["notes"])) == ("call_911", 1000)
    assert log.words["notes"].endswith("Now I have chest pain")


@pytest.mark.parametrize("typed", ["101.2°F", "１０１，２ f", "38,5 °C"])
def test_a_temperature_is_read_with_its_unit(page: Page, typed: str) -> None:
    fill(page)
    put(page, "temp_value", typed)
    tap(page, "temp_unit", "F")
    press_send(page)
    to_advice(page)
    log = DailyLog.objects.get()
    assert (log.answers["temp_unit"], log.assessment.tier) == ("C" if "C" in typed else "F", "call_doctor_now")


@pytest.mark.parametrize("script", [True, False])
def test_a_bad_number_beside_a_sign_says_what_to_do_and_what_was_not_understood(
    browser: Browser, live_server: LiveServer, people: Cast, script: bool
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=script) as page:
        page.goto("/log/")
        fill(page, **NUMB)
        at(page, "#id_temp_value").fill("warm")
        press_send(page)
        so_far = page.locator("#so-far")
        expect(so_far.get_by_role("heading", name="Call your doctor now")).to_be_in_viewport()
        expect(so_far.get_by_text("Your care team has what you told so far.")).to_be_visible()
        expect(so_far.get_by_role("link", name="(312) 555-0100")).to_be_visible()
        expect(page.get_by_role("link", name="Type only a number, like 98.6.")).to_be_visible()
        expect(page.locator("#id_temp_value")).to_have_value("warm")
        if script:
            assert violations(page) == []
        assert DailyLog.objects.get().assessment.tier == "call_doctor_now"
        at(page, "#id_temp_value").fill("99")
        press_send(page)
        to_advice(page)
    assert DailyLog.objects.get(partial=False).supersedes == DailyLog.objects.get(partial=True)
