"""What a phone keeps says how it was closed: another algorithm comes in beside the old one, and nothing is lost.

The phone's own modules in a real browser, with its own store and ciphers, and no server.
"""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from ops.up import ROOT
from patients.vault.phone_seal import newest_key, open_envelope
from tests.browser.offline import raw

PHONE = """<!doctype html><title>phone</title>
<script id="phone-script" data-person="rosa" data-about="rosa"></script>
<script type="module">
  window.at = (name) => import(`/js/${name}.js`);
  window.SECRETS = [btoa("s".repeat(32))];
  window.until_ready = true;
</script>"""
# A second algorithm that is another one: AES-128, its key by HKDF.
SECOND = """async () => {
  const { FORMATS } = await at('storage_formats');
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode('second') };
  const made = { name: 'AES-GCM', length: 128 };
  const keyFrom = async (bytes) => {
    const base = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
    return crypto.subtle.deriveKey(how, base, made, false, ['encrypt', 'decrypt']);
  };
  FORMATS.set(2, { ...FORMATS.get(1), keyFrom });
}"""
UNLOCK = "async () => { await (await at('person_keys')).unlock('rosa', SECRETS); }"
PUT = "async (id) => (await at('store')).put('log', id, { said: `words of ${id}` }, { at: 7, state: 'waiting' })"
LIST = "async () => (await at('store')).list('log')"
FLUSH = "async () => { await (await at('offline')).flush(); }"
# As all phones lie there from before there were versions.
UNMARK = """async () => {
  const { within } = await at('db');
  for (const name of ['things', 'people'])
    for (const { v, ...row } of await within(name, 'readonly', (store) => store.getAll())) {
      if (row.wrapped) delete row.wrapped.v;
      delete row.keys;
      await within(name, 'readwrite', (store) => store.put(row));
    }
}"""


def serve(route: Route) -> None:
    path = route.request.url.removeprefix("https://phone.test")
    if path.startswith("/js/"):
        route.fulfill(path=ROOT / "static" / path[1:], content_type="text/javascript")
    else:
        route.fulfill(status=200 if path == "/" else 404, body=PHONE, content_type="text/html")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.route("**/*", serve)
    found = context.new_page()
    opened(found)
    yield found
    context.close()


def opened(page: Page, *, second: bool = False) -> None:
    """The page anew, of the version that knows one format or both."""
    page.goto("https://phone.test/")
    page.wait_for_function("window.until_ready")
    if second:
        page.evaluate(SECOND)


def versions(page: Page) -> dict[str, int | None]:
    """The mark of each log and of the wrapped key."""
    found = raw(page)
    wrapped = {"the key": found["people"][0]["wrapped"].get("v")}
    return wrapped | {row["id"]: row.get("v") for row in found["things"]}


def words(page: Page) -> dict[str, str]:
    return {one["id"]: one.get("said", "newer" if one.get("newer") else "lost") for one in page.evaluate(LIST)}


def test_two_algorithms_lie_side_by_side_and_the_next_write_takes_the_newest(page: Page) -> None:
    page.evaluate(UNLOCK)
    for log in ("a", "b"):
        page.evaluate(PUT, log)
    assert versions(page) == {"the key": 1, "a": 1, "b": 1}
    page.evaluate(UNMARK)
    assert versions(page) == {"the key": None, "a": None, "b": None}
    opened(page)
    assert words(page) == {"a": "words of a", "b": "words of b"}

    opened(page, second=True)
    # Until its person's secret has come once, this phone has no key for the new way, and goes on in the old one.
    page.evaluate(PUT, "c")
    assert versions(page)["c"] == 1
    page.evaluate(UNLOCK)
    page.evaluate(PUT, "b")
    assert versions(page) == {"the key": 2, "a": None, "b": 2, "c": 1}
    assert words(page) == {log: f"words of {log}" for log in "abc"}
    page.evaluate(PUT, "a")
    opened(page, second=True)
    assert (versions(page)["a"], words(page)["a"]) == (2, "words of a")


def test_what_a_newer_page_closed_is_kept_and_said_and_opens_with_that_page(page: Page) -> None:
    opened(page, second=True)
    page.evaluate(UNLOCK)
    page.evaluate(PUT, "a")
    before = raw(page)
    opened(page)
    assert words(page) == {"a": "newer"}
    page.evaluate(FLUSH)
    (thing,) = raw(page)["things"]
    assert thing == {**before["things"][0], "marks": {"at": 7, "state": "newer"}}

    # Signed out and in: no new key takes the place of one that this page cannot open.
    page.evaluate("async () => { await (await at('person_keys')).lock(() => true); }")
    locked = raw(page)["people"]
    assert (locked[0]["live"], locked[0]["keys"]) == (None, None)
    told = "unlock('rosa', SECRETS).catch((error) => error.message)"
    said = page.evaluate(f"async () => (await at('person_keys')).{told}")
    assert said == "closed by a newer version of this page"
    assert raw(page)["people"] == locked

    opened(page, second=True)
    page.evaluate(UNLOCK)
    assert words(page) == {"a": "words of a"}
    page.evaluate(FLUSH)
    assert raw(page)["things"][0]["marks"]["state"] != "newer"


def test_an_envelope_of_a_phone_names_its_format_and_the_server_opens_it(page: Page) -> None:
    to = {"id": newest_key().id, "point": newest_key().point_text}
    seal = "async (to) => (await at('seal_log')).seal({ client_id: 'one', about: 'rosa' }, to)"
    envelope = page.evaluate(seal, to)
    assert json.loads(envelope)["v"] == 1
    assert json.loads(open_envelope(envelope, "one rosa")) == {"client_id": "one", "about": "rosa"}
