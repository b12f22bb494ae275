"""The log by steps: a calm day in thirteen taps, Back and forward, what is missing, and nothing that jumps."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.phone import at, phone, send, tap, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
MOST_WORDS = 160
# Headings, questions and hints on the screen; the words of the answers themselves are counted beside them.
WORDS = """() => {
  const count = (selector) => [...document.querySelectorAll(`.step:not([hidden]) :is(${selector})`)]
    .filter((one) => one.checkVisibility() && !one.matches('.visually-hidden'))
    .flatMap((one) => one.innerText.split(/\\s+/).filter(Boolean)).length;
  return [count('h2, legend, .hint, .form-label'), count('.tile, .ends')];
}"""
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.shifted += one.value)))
  .observe({type: 'layout-shift', buffered: true});"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def step(page: Page) -> str:
    return page.locator("#where").inner_text()


def by_thumb(page: Page) -> tuple[int, list[int], list[int]]:
    """A calm day with what is on the screen: taps, words to read of each step, words of its answers."""
    taps, words, answers = 0, [], []

    def look() -> None:
        read, said = page.evaluate(WORDS)
        words.append(read)
        answers.append(said)

    def thumb(name: str = "", value: Any = "") -> None:
        nonlocal taps
        taps += 1
        if not name:
            page.locator("#acts .answer").click()
            return
        tile = page.locator(f'.step:not([hidden]) [name="{name}"][value="{value}"]')
        tile.locator("xpath=..").click()

    for answered in (
        [("", "")],
        [("", "")],
        [("fever_feel", "no"), ("", "")],
        [
            ("pain_move", 2),
            ("pain_rest", 1),
            ("back_change", "better"),
            ("pain_site", 1),
            ("site_pain_change", "less"),
        ],
        [("walk_level", "house"), ("mobility_change", "same"), ("activities", "rest"), ("", "")],
    ):
        before = step(page)
        look()
        for name, value in answered:
            thumb(name, value)
        expect(page.locator("#where")).not_to_have_text(before)
    look()
    return taps, words, answers


def test_a_calm_day_is_thirteen_taps_and_few_words(
    browser: Browser, live_server: LiveServer, people: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        assert step(page) == "Step 1 of 6"
        taps, words, answers = by_thumb(page)
        with capsys.disabled():
            print(f"\n{taps} taps; words to read {words}, {sum(words)}; of answers {answers}, {sum(answers)}")
        assert (taps, step(page)) == (13, "Step 6 of 6")
        assert sum(words) <= MOST_WORDS
        expect(page.locator("#said")).to_contain_text("Moving 2, Resting 1, Better, Needle spot 1, Less sore")
        send(page)
        to_advice(page)
    assert DailyLog.objects.get().assessment.tier == "on_track"


def test_back_goes_back_one_step_and_everything_is_kept(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        by_thumb(page)
        page.go_back()
        assert step(page) == "Step 5 of 6"
        page.locator("#acts").get_by_role("button", name="Back").click()
        assert step(page) == "Step 4 of 6"
        assert page.locator('[name="pain_move"][value="2"]').is_checked()
        page.go_forward()
        page.go_forward()
        page.get_by_role("link", name=re.compile("Needle spot and fever")).click()
        assert step(page) == "Step 3 of 6"
        assert page.evaluate("document.activeElement.id") in ("part-3-title", "part-3", "")


def test_a_step_with_something_missing_says_so_before_it_is_left(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        tap(page, "em_gate", "none")
        tap(page, "nerve_gate", "none")
        page.locator("#acts .answer").click()
        assert step(page) == "Step 3 of 6"
        summary = page.locator("#error-summary")
        expect(summary).to_contain_text("One thing to put right.")
        summary.get_by_role("link").click()
        expect(page.locator("#div_id_fever_feel")).to_be_in_viewport()
        tap(page, "fever_feel", "no")
        page.locator("#acts .answer").click()
        assert step(page) == "Step 4 of 6"
        expect(summary).to_have_count(0)


def test_a_ticked_sign_asks_more_and_leads_on_by_next(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        tap(page, "em_gate", "none")
        expect(page.locator("#acts .next")).to_be_hidden()
        tap(page, "numb", "yes")
        expect(page.locator("#div_id_numb_where")).to_be_visible()
        expect(page.locator("#acts .answer")).to_be_hidden()
        page.locator("#acts .next").click()
        assert step(page) == "Step 3 of 6"


def test_nothing_jumps_while_the_log_opens(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.add_init_script(SHIFTS)
        page.goto("/log/")
        expect(page.locator("#acts .answer")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.shifted") == 0


def test_the_last_step_unfolds_what_is_optional(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        page.evaluate("location.hash = 'part-6'")
        expect(page.locator("#id_notes")).to_be_hidden()
        at(page, "#id_notes").fill("It is quiet here.")
        expect(page.locator("#said")).to_contain_text("Not answered")
