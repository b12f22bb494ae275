"""A patient's phone: 390 by 844, signed in, and unforgiving about scripts and styles the policy refuses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page

from patients.models import User
from tests.recovery.conftest import CALM
from tests.waiting import until

SIZE = {"width": 390, "height": 844}
Open = Callable[..., Page]


@contextmanager
def phone(browser: Browser, url: str, user: User | None, **options: Any) -> Iterator[Page]:
    """A page of a fresh phone; what the console refused fails the test."""
    context = browser.new_context(base_url=url, **{"viewport": SIZE, **options})
    if user:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}])
    page = context.new_page()
    refused: list[str] = []
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert refused == []


def session_of(user: User) -> str:
    """The session key of somebody signed in."""
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    assert key
    return key


# Goes to the step an element stands in, as a link to it does, and unfolds what it is folded in.
REACH = """async (element) => {
  const step = element.closest('.step');
  if (step?.hidden) location.hash = step.id;
  while (step?.hidden) await new Promise((ok) => setTimeout(ok, 10));
  const fold = element.closest('details');
  if (fold) fold.open = true;
}"""


# The last answer of a step leads on a moment after the tap: what comes next must not look before that.
LED_ON = "() => new Promise((ok) => setTimeout(ok))"


def at(page: Page, selector: str) -> Locator:
    """What stands somewhere in the log, its step on the screen."""
    found = page.locator(selector)
    found.evaluate(REACH)
    return found


def tap(page: Page, name: str, value: object) -> None:
    """Tap the tile of one answer; "none of these" stands in the foot of its step."""
    if value == "some" and page.locator(f'[name="{name}"][value="some"]').count() == 0:
        return  # on a phone the signs themselves are the answer
    tile = at(page, f'[name="{name}"][value="{value}"]')
    if tile.locator("xpath=ancestor::*[@data-leads][@hidden]").count():
        page.locator("#acts .answer").click()
    else:
        tile.locator("xpath=..").click()
        if page.locator("#log-form.stepped").count():
            page.evaluate(LED_ON)


def tap_all(page: Page, answers: dict[str, Any]) -> int:
    """Tap a whole log, in order; the number of taps."""
    taps = 0
    for name, value in answers.items():
        for one in value if isinstance(value, list) else [value]:
            tap(page, name, one)
            taps += 1
    return taps


def normal_day(page: Page) -> int:
    """The normal day of log_schema.md; the number of taps before Send."""
    return tap_all(page, CALM)


def to_the_end(page: Page) -> None:
    """The last step, where Send is."""
    last = "location.hash = [...form.querySelectorAll('.step')].pop().id"
    page.locator("#log-form").evaluate(f"form => form.matches('.stepped') && ({last})")


def send(page: Page) -> None:
    """Press Send, at the end of the log, and wait for what comes."""
    to_the_end(page)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_load_state()


def to_advice(page: Page, seconds: float = 30) -> None:
    """The clinic's own advice: where it took over four seconds the phone's stands there, with a link to it."""
    link = page.locator("#phone-advice [data-state='sent'] [data-advice]")
    until(lambda: page.url.endswith("/advice/") or link.is_visible(), seconds, page=page)
    if not page.url.endswith("/advice/"):
        link.click()
        page.wait_for_url("**/advice/")
    page.wait_for_load_state()
