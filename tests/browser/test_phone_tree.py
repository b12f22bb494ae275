"""What a screen reader is told, as a tree of names and roles: Today, the first step of the log, the 911 screen."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.phone import phone, tap
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
HELP_NOW = """
- link "Skip to the page"
- navigation "Help now":
  - link "Call 911":
    - /url: tel:911
  - button "Read this page aloud"
  - link "Call clinic":
    - /url: tel:+13125550100
"""
TODAY = """
- main:
  - heading /Good (morning|afternoon|evening), Rosa/ [level=1]
  - paragraph:
    - strong: /Day \\d/
    - text: /since your procedure on/
  - link "How are you today? About one minute"
  - paragraph:
    - link "Remind me later"
  - region "For today":
    - heading "For today" [level=2]
    - list:
      - listitem:
        - strong: /Hold back on this/
      - listitem:
        - strong: /Hold off/
      - listitem
- contentinfo:
  - paragraph:
    - link "Clinic (312) 555-0100"
    - link "Sign out"
- navigation "Pages":
  - link "Today"
  - link "Plan"
  - link "History"
  - link "Help"
""".replace('"Good evening, Rosa"', "/Good (morning|afternoon|evening), Rosa/").replace("Day 2", r"/Day \d/")
FIRST_STEP = """
- main:
  - heading "How are you today?" [level=1]
  - paragraph:
    - text: Step 1 of 10 About
    - strong: Rosa R.
    - link "Not you?"
  - region "Do you have any of these right now, or since your last log?":
    - heading "Do you have any of these right now, or since your last log?" [level=2]
    - group "Who is filling this in?":
      - radio "Me" [checked=false]
      - radio "My helper" [checked=false]
    - group "Do you have any of these right now, or since your last log?":
      - checkbox "I need help right away" [checked=false]
      - checkbox "I passed out, or almost did" [checked=false]
      - checkbox "It is hard to breathe, or I am short of breath" [checked=false]
      - checkbox "I have chest pain" [checked=false]
      - checkbox "I coughed up blood" [checked=false]
      - checkbox "There is a leg I can not move at all" [checked=false]
      - checkbox "My face, lips, or throat is swelling up" [checked=false]
  - status
  - button "None of these"
"""
SIGN_911 = """
- alertdialog "Call 911 now":
  - heading "Call 911 now" [level=2]
  - link "Call 911":
    - /url: tel:911
  - paragraph: "Say: “I had cement put in my spine. I have chest pain.”"
  - paragraph: Do not drive. Stay with someone if you can.
  - status
  - paragraph:
    - 'link "Cedar Spine Clinic: (312) 555-0100"':
      - /url: tel:+13125550100
  - button "Go back to my log"
"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def tell(page: Page, *trees: str) -> None:
    for tree in trees:
        expect(page.locator("body")).to_match_aria_snapshot(tree)


def test_a_screen_reader_is_told_what_stands_there(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/today/")
        tell(page, HELP_NOW, TODAY)
        page.goto("/log/")
        tell(page, HELP_NOW, FIRST_STEP)
        tap(page, "em_chest_pain", "yes")
        expect(page.locator("#dialog-911")).to_match_aria_snapshot(SIGN_911)
        assert page.evaluate("document.activeElement.id") == "dialog-911-title"


# A voice that only keeps what it is given: the phones of the test have none.
VOICE = """
window.said = []; window.stops = 0;
Object.defineProperty(window, 'speechSynthesis', {value: {
  speaking: false,
  speak(one) { this.speaking = true; window.said.push(one.text); },
  cancel() { this.speaking = false; window.stops += 1; },
}});"""


def test_a_step_of_the_log_is_read_alone_and_the_voice_stops_with_it(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.add_init_script(VOICE)
        page.goto("/log/")
        voice = page.get_by_role("button", name="Read this page aloud")
        voice.click()
        said = page.evaluate("window.said")
        assert "I have chest pain" in said
        assert not {"Legs, belly, bottom, bladder", "I feel numb or tingly"} & set(said)
        page.locator("#acts .answer").click()
        expect(voice).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("[speechSynthesis.speaking, document.querySelector('#where').innerText]") == [
            False,
            "Step 2 of 10",
        ]
        page.evaluate("window.said = []")
        voice.click()
        said = page.evaluate("window.said")
        assert "I feel numb or tingly" in said
        assert "I have chest pain" not in said
