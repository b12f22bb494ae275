"""What axe finds on a page, in the same words everywhere."""

from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# 7:1 for everything that patients read: most of them are over 65.
FOR_PATIENTS = {"color-contrast-enhanced": {"enabled": True}}


# The bars of a patient's page, which stay while the page scrolls.
HAS_BARS = "Boolean(document.querySelector('.bar, .tabs, .acts'))"


def violations(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """What axe finds, each with the first place it was found at. rules: more of axe's own.

    Where bars stay it looks on a screen as tall as the page: a link half under the bar is no small target.
    """
    if not page.evaluate(HAS_BARS):
        return _found(page, rules)
    size = page.viewport_size
    assert size
    height = page.evaluate("Math.max(innerHeight, document.documentElement.scrollHeight + 100)")
    page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate("window.scrollTo(0, 0)")
    found = _found(page, rules)
    page.set_viewport_size(size)
    return found


def of_a_patient(page: Page) -> list[str]:
    """As violations, with more contrast."""
    return violations(page, FOR_PATIENTS)


def _found(page: Page, rules: dict[str, Any] | None) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    # Only these: the rest is long, and takes its time to be worked out and carried over.
    options: dict[str, Any] = {"runOnly": RULES, "rules": rules or {}, "resultTypes": ["violations"]}
    # It would put imported style sheets into the page as its own, which the policy refuses.
    options["preload"] = False
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@cache
def _script() -> str:
    return str(Axe().axe_script)
