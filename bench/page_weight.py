"""How much the log weighs on the line, as a running demo serves it: `bin/bench page-weight [--at URL]`.

Signs in as a demo patient and counts what leaves the server, compressed as a browser asks for it: the page and its
style sheet (the first paint), then every script the page names and what those import (the offline engine). Then
how soon the log is seen on a slow line, as a ratio to a bare page (bench/first_paint.py).
"""

import gzip
import re
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import brotli

from bench.first_paint import measured

PATIENT = "harold@demo.example"
FIRST_PAINT_KB, ALL_KB, AGAIN_KB = 14, 45, 4
FIRST_RATIO, KEPT_RATIO = 1.2, 0.3
# Of another language than the demo patient's.
NOT_THEIRS = "/words_es."
IMPORT = re.compile(r'(?:from|import)\s*\(?"([^"]+\.js)"')


class Browser:
    """Cookies, compression, and what came over the line."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.cookies = CookieJar()
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[str, str, int]:
        """The text, the address it came from in the end, and its bytes on the line."""
        body = urlencode(data).encode() if data else None
        headers = {"Accept-Encoding": "br, gzip", "Referer": self.at}
        answer = self.opener.open(Request(urljoin(self.at, path), body, headers))
        raw = answer.read()
        how = answer.headers.get("Content-Encoding", "")
        text = brotli.decompress(raw) if how == "br" else gzip.decompress(raw) if how == "gzip" else raw
        return text.decode(), answer.url, len(raw)

    def post(self, page: str, path: str, **data: str) -> tuple[str, str, int]:
        """Send the form of a page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "no form on the page"
        return self.get(path, {"csrfmiddlewaretoken": token[1], **data})


def sign_in(browser: Browser) -> None:
    """By the code that a demo shows."""
    page, _, _ = browser.get("/accounts/login/")
    page, where, _ = browser.post(page, "/sign-in/code/", address=PATIENT)
    shown = re.sub(r"<[^>]+>", " ", browser.get("/outbox/")[0].split("<main", 1)[1])
    code = re.search(r"\b\d{6}\b", shown)
    assert code, "no code in the demo's outbox"
    browser.post(page, where, code=code[0])


def engine(browser: Browser, page: str) -> dict[str, int]:
    """Every script the page names, and what those import, with their bytes."""
    waiting = re.findall(r'(?:src|rel="modulepreload" href)="([^"]+\.js)"', page)
    found: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        if path in found or NOT_THEIRS in path:
            continue
        text, where, found[path] = browser.get(path)
        waiting += [urljoin(where, name).removeprefix(browser.at) for name in IMPORT.findall(text)]
    return found


def weigh(at: str) -> int:
    """Print the weights of the demo at this address; 1 when the first paint is over its budget."""
    browser = Browser(at)
    sign_in(browser)
    page, _, html = browser.get("/log/")
    sheets = {path: browser.get(path)[2] for path in re.findall(r'rel="stylesheet" href="([^"]+)"', page)}
    scripts = engine(browser, page)
    first = html + sum(sheets.values())
    everything = html + sum(sheets.values()) + sum(scripts.values())
    print(f"{'HTML of /log/':50} {html:7} bytes")
    for path, size in sheets.items():
        print(f"{path:50} {size:7} bytes")
    for path, size in sorted(scripts.items(), key=lambda pair: -pair[1])[:8]:
        print(f"{path:50} {size:7} bytes")
    print(f"requests before the first paint: {1 + len(sheets)}")
    print(f"first paint: {first / 1024:.1f} KB of {FIRST_PAINT_KB}")
    print(f"with the offline engine, {len(scripts)} scripts: {everything / 1024:.1f} KB of {ALL_KB}")
    _print_times(measured(at, browser.cookies))
    return int(first > FIRST_PAINT_KB * 1024)


def _print_times(found: dict[str, float]) -> None:
    bare, first, kept = found["bare"], found["first"], found["kept"]
    print(f"one more visit: {found['bytes'] / 1024:.1f} KB of {AGAIN_KB}, headers too")
    print(
        f"seen on a slow line after {first:.0f} ms: {first / bare:.2f} of a bare page's time, goal {FIRST_RATIO}"
    )
    print(f"seen out of what is kept after {kept:.0f} ms: {kept / bare:.2f}, goal {KEPT_RATIO}")
