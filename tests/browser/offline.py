"""A phone that is ready for no signal, and what it keeps."""

import time
from typing import Any

from playwright.sync_api import Page

from tests.browser.phone import normal_day, tap

KEPT = """async () => Boolean(navigator.serviceWorker.controller
  && await caches.match('/log/shell/', {cacheName: 'kypho-own'})
  && await caches.match('/offline/', {cacheName: 'kypho-own'}))"""
STORES = """async () => {
  const names = await indexedDB.databases();
  const open = (name) => new Promise((ok) => {
    const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
  const all = (db, store) => new Promise((ok) => {
    const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => ok(r.result); });
  const found = {logs: [], facts: [], caches: await caches.keys()};
  for (const {name} of names) {
    const db = await open(name);
    for (const store of db.objectStoreNames) found[store] = await all(db, store);
    db.close();
  }
  return found;
}"""


def ready(page: Page) -> None:
    """Today was opened once with a signal: the worker runs, the pages and facts are kept."""
    page.goto("/today/")
    until(page, KEPT)


def until(page: Page, question: str, argument: Any = None, seconds: float = 10) -> None:
    """Ask the page again and again, for an answer that has to be awaited there."""
    end = time.monotonic() + seconds
    while not page.evaluate(question, argument):
        assert time.monotonic() < end, question
        page.wait_for_timeout(100)


def go_offline(page: Page) -> None:
    """No signal any more."""
    page.context.set_offline(True)


def go_online(page: Page) -> None:
    """The signal is back."""
    page.context.set_offline(False)


def kept(page: Page) -> Any:
    """{"logs": [...], "facts": [...], "caches": [...]} of this phone."""
    return page.evaluate(STORES)


def fill(page: Page, **changes: Any) -> None:
    """A calm day with some answers changed."""
    normal_day(page)
    for name, value in changes.items():
        tap(page, name, value)


def press_send(page: Page) -> None:
    """Press Send without waiting for any page."""
    page.get_by_role("button", name="Send", exact=True).click()
