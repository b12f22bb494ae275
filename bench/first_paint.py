"""How soon the log is seen on an old phone with a slow line, beside a bare page: part of `bin/bench page-weight`.

Chromium with the slow line of Lighthouse (400 ms there and back, 400 kbit/s) and a sixth of this machine's speed.
Only the ratio of two pages in one run means something: each is opened in turn, and the middle of its times counts.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.chromium import find_chromium

BARE_BYTES = 14 * 1024
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER_CPU = 6
ROUNDS = 5
SEEN = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
KEPT = """async () => Boolean(navigator.serviceWorker.controller
  && await caches.match('/log/shell/?theirs', {cacheName: 'kypho-own'}))"""
ASKED_MS, KEEPING_MS = 4000, 8000


class Bare(BaseHTTPRequestHandler):
    """A page of words alone, of the weight a first paint may have."""

    def do_GET(self) -> None:
        words = "<!doctype html><title>Bare</title><h1>Bare</h1><p>" + "plain words " * BARE_BYTES
        body = words.encode()[:BARE_BYTES]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def bare_page() -> Iterator[str]:
    """The address of a bare page, while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bare)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def measured(at: str, cookies: CookieJar) -> dict[str, float]:
    """Milliseconds to the first paint: bare, first, kept; and the bytes of a visit out of what is kept."""
    with sync_playwright() as playwright, bare_page() as bare:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        kept = _signed_in(browser, at, cookies)
        _make_ready(kept, at)
        times: dict[str, list[float]] = {"bare": [], "first": [], "kept": []}
        for _ in range(ROUNDS):
            for name, address in (("bare", bare), ("first", f"{at}/log/")):
                fresh = _signed_in(browser, at, cookies)
                times[name].append(_seen(fresh, address))
                fresh.close()
            times["kept"].append(_seen(kept, f"{at}/log/"))
        found = {name: median(each) for name, each in times.items()}
        found["bytes"] = _bytes_again(kept, at)
        browser.close()
    return found


def _signed_in(browser: Browser, at: str, cookies: CookieJar) -> BrowserContext:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": one.name, "value": one.value or "", "url": at} for one in cookies])
    return context


def _make_ready(context: BrowserContext, at: str) -> None:
    page = context.new_page()
    page.goto(f"{at}/today/")
    page.wait_for_function(KEPT, timeout=60_000)
    # Then the other pages of the phone are kept, one after the other.
    page.wait_for_timeout(KEEPING_MS)
    page.close()


def _slow(page: Page) -> CDPSession:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    return devtools


def _seen(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    _slow(page)
    page.goto(address, wait_until="commit")
    page.wait_for_function(SEEN, timeout=60_000)
    seen = float(page.evaluate(SEEN))
    page.close()
    return seen


def _bytes_again(context: BrowserContext, at: str) -> int:
    """Bytes one more visit takes from the line in its first seconds: headers too, the worker's own check not."""
    page = context.new_page()
    devtools = _slow(page)
    sizes: list[float] = []
    local: set[str] = set()

    def answered(event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer.get("fromServiceWorker") or answer.get("fromDiskCache"):
            local.add(event["requestId"])

    def loaded(event: dict[str, Any]) -> None:
        if event["requestId"] not in local:
            sizes.append(event["encodedDataLength"])

    devtools.on("Network.responseReceived", answered)
    devtools.on("Network.loadingFinished", loaded)
    page.goto(f"{at}/log/")
    page.wait_for_timeout(ASKED_MS)
    page.close()
    return int(sum(sizes))
