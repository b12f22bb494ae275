"""A phone that is ready for no signal, and what it keeps."""

from typing import Any

from playwright.sync_api import Page

from tests import waiting
from tests.browser.phone import normal_day, tap, to_the_end

KEPT = """async () => Boolean(navigator.serviceWorker.controller
  && await caches.match('/log/shell/', {cacheName: 'kypho-own'})
  && await caches.match('/offline/', {cacheName: 'kypho-own'}))"""
# Everything as it lies there, closed things as letters: what somebody with the phone in hand could read.
RAW = """async () => {
  const open = () => new Promise((ok) => {
    const r = indexedDB.open('kypho'); r.onsuccess = () => ok(r.result); });
  const all = (db, store) => new Promise((ok) => {
    const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => ok(r.result); });
  const plain = (name, value) => value instanceof CryptoKey ? {extractable: value.extractable, type: value.type}
    : value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? String.fromCharCode(...new Uint8Array(value.buffer || value)) : value;
  const found = {};
  if (!(await indexedDB.databases()).length) return found;
  const db = await open();
  for (const store of db.objectStoreNames) found[store] = JSON.parse(JSON.stringify(await all(db, store), plain));
  db.close();
  return found;
}"""


def ready(page: Page) -> None:
    """Today was opened once with a signal: the worker runs, the pages and facts are kept."""
    page.goto("/today/")
    until(page, KEPT)


def until(page: Page, question: str, argument: Any = None, seconds: float = 10) -> None:
    """Ask the page again and again, for an answer that has to be awaited there."""
    waiting.until(lambda: page.evaluate(question, argument), seconds, page=page)


def go_offline(page: Page) -> None:
    """No signal any more."""
    page.context.set_offline(True)


def go_online(page: Page) -> None:
    """The signal is back."""
    page.context.set_offline(False)


def raw(page: Page) -> Any:
    """{"things": [...], "people": [...], "old": [...]}: what lies on this phone, closed things closed."""
    return page.evaluate(RAW)


def kept(page: Page, kind: str) -> list[dict[str, Any]]:
    """The things of one kind on this phone, of everybody: person, id and what stands beside them in the clear."""
    things = raw(page).get("things", [])
    return [{**row["marks"], "person": row["person"], "id": row["id"]} for row in things if row["kind"] == kind]


def until_received(page: Page) -> None:
    """Nothing of anybody waits on this phone any more."""
    waiting.until(lambda: not kept(page, "log"), 20, page=page)


def fill(page: Page, **changes: Any) -> None:
    """A calm day with some answers changed."""
    normal_day(page)
    for name, value in changes.items():
        tap(page, name, value)


def press_send(page: Page) -> None:
    """Press Send without waiting for any page."""
    to_the_end(page)
    page.get_by_role("button", name="Send", exact=True).click()
