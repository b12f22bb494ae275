"""The log by steps: a calm day in thirteen taps, Back and forward, what is missing, and nothing that jumps."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.phone import at, phone, send, tap, to_advice, to_the_end
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
# What somebody reads on one screen, by kind: what is asked, signs, answers to choose from, and what frames them.
KINDS = ("asked", "signs", "answers", "frame")
WORDS = """() => {
  const kind = (word) => {
    const place = word.parentElement;
    if (place.closest('.signs .tile, #more')) return 'signs';
    if (place.closest('.tile, .answer, #said .sub')) return 'answers';
    return place.closest('h2, legend, .hint, .form-label, .ends') ? 'asked' : 'frame';
  };
  const counted = {asked: 0, signs: 0, answers: 0, frame: 0};
  const walk = document.createTreeWalker(document.getElementById('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const place = walk.currentNode.parentElement;
    if (!place.checkVisibility() || place.closest('.visually-hidden, .page-title, script')) continue;
    counted[kind(walk.currentNode)] += walk.currentNode.data.split(/\\s+/).filter(Boolean).length;
  }
  return counted;
}"""
# All of them: each sign and each answer of the questions has to be read, and no sign is left out.
MOST_WORDS = 570
# As high as a screen of the phone.
SCREEN = 844
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.shifted += one.value)))
  .observe({type: 'layout-shift', buffered: true});"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def step(page: Page) -> str:
    return page.locator("#where").inner_text()


# The taps of a calm day, step by step; "": the one answer that leads on.
CALM_DAY: tuple[tuple[tuple[str, Any], ...], ...] = (
    (("", ""),),
    (("", ""),),
    (("", ""),),
    (("", ""),),
    (("pain_move", 2), ("back_change", "better")),
    (("pain_rest", 1), ("pain_site", 1), ("site_pain_change", "less")),
    (("walk_level", "house"),),
    (("activities", "rest"), ("mobility_change", "same")),
    (("", ""),),
)


def by_thumb(page: Page) -> tuple[int, list[dict[str, int]], list[int]]:
    """A calm day by taps: how many, and the words and the height of each step with its follow-ups."""
    taps, words, heights = 0, [], []

    def look() -> None:
        words.append(page.evaluate(WORDS))
        heights.append(page.evaluate("document.documentElement.scrollHeight"))

    for answers in CALM_DAY:
        before = step(page)
        for name, value in answers:
            if (name, value) == answers[-1]:
                look()
            if name:
                tile = page.locator(f'.step:not([hidden]) [name="{name}"][value="{value}"]')
                tile.locator("xpath=..").click()
            else:
                page.locator("#acts .answer").click()
            taps += 1
        expect(page.locator("#where")).not_to_have_text(before)
    look()
    return taps, words, heights


def test_a_calm_day_is_thirteen_taps_few_words_and_no_step_is_longer_than_the_screen(
    browser: Browser, live_server: LiveServer, people: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        assert step(page) == "Step 1 of 10"
        taps, words, heights = by_thumb(page)
        counted = {kind: sum(one[kind] for one in words) for kind in KINDS}
        with capsys.disabled():
            print(f"\n{taps} taps; words to read {sum(counted.values())}: {counted}; heights {heights}")
        assert (taps, step(page)) == (13, "Step 10 of 10")
        assert sum(counted.values()) <= MOST_WORDS
        assert max(heights) <= SCREEN
        expect(page.locator("#said")).to_contain_text("Moving 2, Better, Resting 1, Needle spot 1, Less sore")
        send(page)
        to_advice(page)
    assert DailyLog.objects.get().assessment.tier == "on_track"


def test_the_second_tap_of_a_double_tap_answers_nothing_on_the_next_step(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/#part-7")
        place = at(page, '[name="walk_level"][value="house"]').locator("xpath=..").bounding_box()
        assert place
        x, y = place["x"] + 80, place["y"] + place["height"] / 2
        page.mouse.click(x, y)
        expect(page.locator("#where")).to_have_text("Step 8 of 10")
        page.mouse.down(click_count=2)
        page.mouse.up(click_count=2)
        assert page.locator(".step:not([hidden]) input:checked").count() == 0
        assert step(page) == "Step 8 of 10"


def test_back_goes_back_one_step_and_everything_is_kept(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        by_thumb(page)
        page.go_back()
        assert step(page) == "Step 9 of 10"
        page.locator("#acts").get_by_role("button", name="Back").click()
        assert step(page) == "Step 8 of 10"
        assert page.locator('[name="pain_move"][value="2"]').is_checked()
        page.go_forward()
        page.go_forward()
        assert step(page) == "Step 10 of 10"


def test_what_is_changed_from_the_list_leads_back_to_the_list(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        by_thumb(page)
        page.get_by_role("link", name=re.compile("Needle spot and fever")).click()
        assert step(page) == "Step 3 of 10"
        expect(page.locator("#part-3-title")).to_be_focused()
        page.locator("#acts .answer").click()
        assert step(page) == "Step 4 of 10"
        page.locator("#acts .answer").click()
        assert step(page) == "Step 10 of 10"


def test_a_step_with_something_missing_says_so_before_it_is_left(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        tap(page, "em_gate", "none")
        tap(page, "nerve_gate", "none")
        tap(page, "fever_feel", "no")
        tap(page, "site_gate", "none")
        page.locator("#acts .next").click()
        assert step(page) == "Step 5 of 10"
        summary = page.locator("#error-summary")
        expect(summary).to_contain_text("2 things to put right.")
        summary.get_by_role("link").first.click()
        expect(page.locator("#div_id_pain_move")).to_be_in_viewport()
        tap(page, "pain_move", 2)
        tap(page, "back_change", "better")
        expect(page.locator("#where")).to_have_text("Step 6 of 10")
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
        assert step(page) == "Step 3 of 10"


def test_none_of_these_never_stands_over_a_sign_that_was_not_read(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    small = {"width": 360, "height": 600}
    with phone(browser, live_server.url, user_of(people.patient), viewport=small) as page:
        page.goto("/log/")
        none, last = page.locator("#acts .answer"), page.locator("[name=em_face_throat_swelling]")
        expect(none).to_be_visible()
        expect(none).not_to_be_in_viewport()
        none.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()


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
        to_the_end(page)
        expect(page.locator("#id_notes")).to_be_hidden()
        at(page, "#id_notes").fill("It is quiet here.")
        expect(page.locator("#said")).to_contain_text("Not answered")
