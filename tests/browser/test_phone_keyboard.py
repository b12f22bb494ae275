"""The keyboard alone: Tab, Space and Enter; the focus is seen and never lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.phone import user_of

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
    assert page.evaluate(FOCUS)["seen"]
