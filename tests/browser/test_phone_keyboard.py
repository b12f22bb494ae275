"""The keyboard alone, from Today to the advice: Tab, arrows, Space and Enter; the focus is seen and never lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.phone import phone, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TABS = 40
# What has the focus: its name or words, whether a line is drawn around it, and whether nothing is over it.
FOCUS = """() => {
  const here = document.activeElement;
  const shown = here.matches('.tile input') ? here.nextElementSibling : here;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const { left, top, width, height } = shown.getBoundingClientRect();
  const on_top = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 24));
  return {
    name: here.name || '', value: here.value || '', words: here.innerText || '', id: here.id,
    lost: here === document.body,
    seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
      && (shown.contains(on_top) || on_top?.contains(shown) || here.parentElement.contains(on_top)),
  };
}"""


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, transactional_db: None) -> Iterator[Page]:
    people: Cast = cast()
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        yield found


def tab_to(page: Page, *, name: str = "", words: str = "") -> None:
    """Press Tab until a field or a button with these words has the focus, which is seen at every stop."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert not focus["lost"], f"no focus on the way to {name or words}"
        assert focus["seen"], focus
        if (name and focus["name"] == name) or (words and focus["words"].strip().startswith(words)):
            return
    pytest.fail(f"{name or words} cannot be reached")


def choose(page: Page, name: str, downs: int, key: str = "ArrowDown") -> None:
    """Go to a question of one answer, take its first with Space, and go on by arrows."""
    tab_to(page, name=name)
    page.keyboard.press("Space")
    for _ in range(downs):
        page.keyboard.press(key)
        assert page.evaluate(FOCUS)["seen"]


def lead_on(page: Page, words: str, number: int) -> None:
    """Press the button that leads on; the heading of the next step has the focus."""
    tab_to(page, words=words)
    page.keyboard.press("Enter")
    expect(page.locator("#where")).to_have_text(f"Step {number} of 10")
    expect(page.locator(f"#part-{number}-title")).to_be_focused()


def checked(page: Page, name: str) -> str:
    return page.locator(f'[name="{name}"]:checked').get_attribute("value") or ""


def nothing_new(page: Page) -> None:
    """The steps of signs and fever, each left by the one answer that leads on."""
    expect(page.locator("#acts .answer")).to_be_visible()
    for number, words in enumerate(("None of these", "None of these", "No fever", "It looks fine"), 2):
        lead_on(page, words, number)


def hear_what_is_missing(page: Page) -> None:
    """Next without an answer: the list of it has the focus, and its first link leads to the first question."""
    tab_to(page, words="Next")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    tab_to(page, words="Please answer: How bad is your back pain when you move?")
    page.keyboard.press("Enter")
    expect(page.locator("[name=pain_move][value='0']")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert checked(page, "pain_move") == "2"


def go_back_and_on(page: Page) -> None:
    """The browser's Back from step 6 to 5 and on again: every answer stays."""
    page.go_back()
    expect(page.locator("#where")).to_have_text("Step 5 of 10")
    expect(page.locator("#part-5-title")).to_be_focused()
    assert (checked(page, "pain_move"), checked(page, "back_change")) == ("2", "same")
    lead_on(page, "Next", 6)
    assert [checked(page, name) for name in ("pain_rest", "pain_site", "site_pain_change")] == ["1", "1", "less"]


def the_day(page: Page) -> None:
    """Walking, the day, no pills, and a note."""
    lead_on(page, "Next", 7)
    choose(page, "walk_level", 2)
    lead_on(page, "Next", 8)
    tab_to(page, name="activities")
    page.keyboard.press("Space")
    choose(page, "mobility_change", 1)
    lead_on(page, "Next", 9)
    lead_on(page, "No pain pills", 10)
    tab_to(page, words="Anything else?")
    page.keyboard.press("Enter")
    tab_to(page, name="notes")
    page.keyboard.type("The night was calm.")


def test_from_today_to_the_advice(page: Page) -> None:
    page.goto("/today/")
    tab_to(page, words="How are you today?")
    page.keyboard.press("Enter")
    page.wait_for_url("**/log/**")
    nothing_new(page)
    hear_what_is_missing(page)
    choose(page, "back_change", 1)
    lead_on(page, "Next", 6)
    choose(page, "pain_rest", 1, "ArrowRight")
    choose(page, "pain_site", 1, "ArrowRight")
    choose(page, "site_pain_change", 1)
    go_back_and_on(page)
    the_day(page)
    tab_to(page, words="Send")
    page.keyboard.press("Enter")
    to_advice(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    answers, told = DailyLog.objects.get().answers, {"em_gate": "none", "pain_move": 2, "back_change": "same"}
    told |= {"walk_level": "house", "notes": "The night was calm."}
    assert {name: answers.get(name) for name in told} == told


def test_a_sign_is_ticked_and_the_911_screen_holds_the_focus(page: Page) -> None:
    page.goto("/log/")
    expect(page.locator("#acts .answer")).to_be_visible()
    tab_to(page, name="em_chest_pain")
    page.keyboard.press("Space")
    expect(page.locator("#dialog-911-title")).to_be_focused()
    tab_to(page, words="Call 911")
    tab_to(page, words="Go back to my log")
    page.keyboard.press("Enter")
    expect(page.locator("[name=em_chest_pain]")).to_be_focused()
    until(lambda: page.evaluate(FOCUS)["seen"], page=page)
