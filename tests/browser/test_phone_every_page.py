"""Every page of the phone: large enough to tap and read, a first line at 400 % zoom, and no barrier in any mix.

One browser opens them all, one after the other: what a page needs to be told apart is asked in one look.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, cycle, islice
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import go_offline, go_online, ready
from tests.browser.phone import SIZE, phone, tap, to_the_end
from tests.people import Cast, cast
from tests.recovery.conftest import CALM, NUMB
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
# Kept for no signal, and those that need one.
KEPT = ("/today/", "/plan/", "/history/", "/learn/", "/help/", "/card/", "/log/")
ONLINE = (
    *("/visit/", "/people/", "/my/phones/", "/my/reminders/", "/my/messages/", "/my/helpers/", "/my/calendar/"),
    *("/my/travel/", "/my/sign-in/", "/my/show-again/", "/offline/", "/accounts/logout/", "/nowhere/"),
)
SIGNED_OUT = ("/accounts/login/", "/sign-in/code/", "/offline/")
OF_HELPERS = ("/today/", "/log/", "/my/turn/", "/help/")
# Twice what 400 % leaves of a phone, and a phone on its side.
ZOOMED, NARROW, ON_ITS_SIDE = (320, 256), (320, 568), (844, 390)
WIDTHS = {"narrow": NARROW, "phone": (SIZE["width"], SIZE["height"]), "landscape": ON_ITS_SIDE}
# theme, letters, width, with errors, with no signal: any two of them meet in one row.
MIXES = (
    ("light", "", "narrow", True, False),
    ("dark", "", "phone", False, False),
    ("contrast", "", "landscape", True, True),
    ("light", "l", "phone", False, True),
    ("dark", "l", "landscape", True, True),
    ("contrast", "l", "narrow", False, False),
    ("light", "xl", "landscape", False, True),
    ("dark", "xl", "narrow", True, False),
    ("contrast", "xl", "phone", False, False),
    ("light", "double", "narrow", False, True),
    ("dark", "double", "phone", True, False),
    ("contrast", "double", "landscape", True, False),
)
# A link in a sentence is as high as its line (WCAG 2.5.8, inline); everything else is 48 px both ways.
SMALL = """() => {
  const words = (one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const inline = (e) => e.matches('a') && getComputedStyle(e).display === 'inline' && words(e.parentElement);
  const taps = [...document.querySelectorAll(
    'a, button, summary, select, textarea, .tile, .form-check, input:not([type=hidden])')]
    .filter((e) => e.checkVisibility() && !e.matches('.skip, .tile input, .form-check input') && !inline(e));
  const read = [...document.querySelectorAll('body *')]
    .filter((e) => words(e) && e.checkVisibility() && !e.closest('script, noscript'));
  return [
    ...(taps.length < 3 ? ['hardly anything to tap: is this the page?'] : []),
    ...taps.filter((e) => {
      const { width, height } = e.getBoundingClientRect();
      return Math.min(width, height) < 47.9;
    }),
    ...read.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 19),
  ].map((e) => e.outerHTML?.slice(0, 120) ?? e);
}"""
UNFOLD = "document.querySelectorAll('details').forEach((one) => (one.open = true))"
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
# The first line of what the page is about stands on the screen, and nothing stands over it.
FIRST_LINE = """() => {
  const walk = document.createTreeWalker(document.getElementById('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const place = walk.currentNode.parentElement;
    const hidden = place.closest('.visually-hidden, .page-title, script, noscript') || !place.checkVisibility();
    if (hidden || !walk.currentNode.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const { left, top, bottom, width } = range.getClientRects()[0];
    const on_top = document.elementFromPoint(left + Math.min(width / 2, 40), (top + bottom) / 2);
    return bottom <= innerHeight && Boolean(on_top && (place.contains(on_top) || on_top.contains(place)));
  }
  return false;
}"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = cast()
    found.clinic.after_hours_phone = "+13125550199"
    found.clinic.save()
    client = Client()
    client.force_login(user_of(found.patient))
    client.post("/log/", {**CALM, **NUMB})
    client.post("/log/", {**CALM, "pain_move": 4})
    return found


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def troubles(page: Page, address: str) -> list[str]:
    """What is too small on a page, and what does not fit at 400 % zoom."""
    resize(page, WIDTHS["phone"])
    page.goto(address)
    first = [] if page.evaluate(_zoomed(page)) else ["no line of content at 400 %"]
    wide = ["sideways at 400 %"] if page.evaluate(TOO_WIDE) else []
    resize(page, WIDTHS["phone"])
    page.evaluate(UNFOLD)
    return [f"{address}: {one}" for one in [*first, *wide, *page.evaluate(SMALL)]]


def _zoomed(page: Page) -> str:
    resize(page, ZOOMED)
    page.evaluate("scrollTo(0, 0)")
    return FIRST_LINE


def test_every_page_is_large_enough_to_tap_and_read_and_begins_at_400_percent(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    found = []
    advice = f"/log/{DailyLog.objects.latest('pk').code}/advice/"
    for user, pages in (
        (user_of(people.patient), (*KEPT, *ONLINE, advice)),
        (people.helper.user, OF_HELPERS),
        (None, SIGNED_OUT),
    ):
        with phone(browser, live_server.url, user) as page:
            found += [one for address in pages for one in troubles(page, address)]
    assert found == []


# --- Theme, letters, width, errors and signal: any two together ---


def test_any_two_of_them_meet_in_a_row() -> None:
    columns = list(zip(*MIXES, strict=True))
    for one, other in combinations(columns, 2):
        assert {*zip(one, other, strict=True)} == {(a, b) for a in {*one} for b in {*other}}


def wrong_log(page: Page) -> None:
    page.goto("/log/")
    to_the_end(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#error-summary")).to_be_focused()


def wrong_travel(page: Page) -> None:
    page.goto("/my/travel/")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".error-summary, .field-error").first).to_be_visible()


def opened(page: Page, mix: tuple[Any, ...], kept: Iterator[str], online: Iterator[str]) -> Iterator[str]:
    """Each page of a mix, by its address, while it is open."""
    _, _, _, wrong, no_signal = mix
    if wrong:
        fill: Callable[[Page], None]
        for fill in (wrong_log,) if no_signal else (wrong_log, wrong_travel):
            fill(page)
            yield page.url
        return
    for address in islice(kept, 2) if no_signal else islice(online, 5):
        page.goto(address)
        yield address


def test_no_mix_has_a_barrier_or_goes_off_the_side(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    found = []
    kept, online = cycle(KEPT), cycle(ONLINE)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        ready(page)
        for mix in MIXES:
            theme, letters, width, _, no_signal = mix
            resize(page, WIDTHS[width])
            (go_offline if no_signal else go_online)(page)
            for address in opened(page, mix, kept, online):
                page.evaluate(
                    "([theme, text]) => Object.assign(document.documentElement.dataset, {theme, text})",
                    [theme, letters if letters != "double" else ""],
                )
                if letters == "double":
                    page.evaluate("document.documentElement.style.fontSize = '200%'")
                # Doubled letters: test_big_text.py, on fewer pages.
                wide = letters != "double" and page.evaluate(TOO_WIDE)
                found += [f"{mix} {address}: sideways"] if wide else []
                found += [f"{mix} {address}: {one}" for one in violations(page)]
        go_online(page)
    assert found == []


# --- Colours of the phone's own choosing, and no motion ---

STATES = """() => {
  const style = (selector) => getComputedStyle(document.querySelector(selector));
  const lost = [...document.querySelectorAll('.icon')].filter((icon) => icon.checkVisibility())
    .filter((icon) => getComputedStyle(icon).stroke === getComputedStyle(document.body).backgroundColor);
  const edges = [...document.querySelectorAll('.btn, .tile > span, .rows, .notice, .call-911')]
    .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).borderTopWidth) < 1);
  const drawn = [...document.querySelectorAll('.chart .a, .chart .am, .bars .am, .track li:not(:last-child)')]
    .map((one) => one.matches('li') ? getComputedStyle(one, '::before').backgroundColor
      : one.matches('.a') ? getComputedStyle(one).stroke : getComputedStyle(one).fill)
    .filter((colour) => colour === getComputedStyle(document.body).backgroundColor);
  return {
    chosen: !document.querySelector('.tile > :checked + span') || style('.tile > :checked + span').backgroundColor
      !== style('.tile > :not(:checked) + span').backgroundColor,
    lost: lost.length, edges: edges.map((one) => one.outerHTML.slice(0, 90)), drawn: drawn.length,
  };
}"""
FINE = {"chosen": True, "lost": 0, "edges": [], "drawn": 0}


def test_colours_of_the_phones_own_lose_no_state_no_icon_and_no_picture(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    options = {"forced_colors": "active", "reduced_motion": "reduce", "color_scheme": "dark"}
    with phone(browser, live_server.url, user_of(people.patient), **options) as page:
        for address in ("/today/", "/plan/", "/history/", "/help/"):
            page.goto(address)
            page.evaluate(UNFOLD)
            assert page.evaluate(STATES) == FINE, address
        page.goto("/log/")
        tap(page, "numb", "yes")
        assert page.evaluate(STATES) == FINE
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        drawn = "getComputedStyle(document.querySelector('[name=numb] + span')).outline"
        assert page.evaluate(drawn) != "none"
        moves = "getComputedStyle(document.querySelector('.step:not([hidden])')).animationName"
        assert page.evaluate(moves) == "none"
