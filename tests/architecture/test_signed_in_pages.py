"""Every page a signed-in person can open: the way out is on it, and no address on it tells anything."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import override_settings
from django.urls import reverse

from ops.up import ROOT
from patients.sign_in import limits
from patients.sign_in.factor_secrets import activate_app
from tests.architecture import test_access_matrix as matrix
from tests.architecture.test_access_matrix import ROWS, World, names
from tests.people import make_patient

# Its fixtures, under their names.
people, world = matrix.people, matrix.world
WHO = ("patient", "helper", "nurse", "manager")
# About nobody: kept on the phone for when there is no signal, and the demo's own page.
FOR_ANYBODY = {"recovery:offline", "recovery:log_shell", "alerts:demo_outbox"}
# Their own page is the way out, or leads on to another.
LIBRARY = tuple(name for name in names() if name.startswith(("account_", "mfa_", "usersessions_")))

# Fields that may stand in an address, and what they look like: choices, days, moments, places in a list, keys.
MAY_STAND = {
    "next": r"/[\w/-]*",
    "staff": "1",
    "new": "1",
    "whole": "1",
    "days": "7|28|90",
    "from": r"\d{4}-\d\d-\d\d",
    "page": r"[0-9a-f-]{36}",
    "after": r"[\w.~:-]+",
    "before": r"\d+",
    "s": r"[\w-]{12}",
    "channel": r"[a-z]+",
    "state": r"[a-z]+",
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d",
    "past": "1",
    "changes": "1",
    "history": "1",
    # A chip of the worklist, a language of a printed page, a month, a file; which figure's people, by its kind.
    "show": "[a-z]+",
    "language": "en|es",
    "month": r"\d{4}-\d\d",
    "pdf": "1",
    "of": r"[\w:-]+",
}
# Forms that are sent as an address: a moment, two choices, two days and numbers of the clinic; the filters of
# worklist and figures (a day of recovery, a level of the spine, a time, a surgeon): none is about one patient.
ASK_BY_ADDRESS = {
    *("alerts/policy.html", "alerts/deliveries.html", "recovery/desk/replay.html"),
    *("recovery/desk/worklist.html", "recovery/desk/figures/_filters.html", "recovery/desk/figures/rtm.html"),
}


class Links(HTMLParser):
    """Where a page leads, and which fields its forms put into an address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.asked: list[str] = []
        self.posts: list[str] = []
        # Of each form that is posted: where to, and its fields.
        self.forms: list[tuple[str, set[str]]] = []
        self._by_address = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._by_address = given.get("method", "get").lower() == "get"
            (self.links if self._by_address else self.posts).append(given.get("action", ""))
            if given.get("method", "get").lower() == "post":
                self.forms.append((given.get("action", ""), set()))
        elif tag in ("input", "select", "textarea") and self._by_address and "name" in given:
            self.asked.append(given["name"])
        elif tag in ("input", "select", "textarea", "button") and self.forms and "name" in given:
            self.forms[-1][1].add(given["name"])
        elif "href" in given:
            self.links.append(given["href"])

    def handle_endtag(self, tag: str) -> None:
        self._by_address &= tag != "form"


def pages(world: World, who: str) -> Iterator[tuple[str, str, Links]]:
    """Every page of ours and of the sign-in library that this person is shown: its name, its text, its links."""
    client = world.client(who)
    addresses = {name: world.address(name) for name, row in ROWS.items() if row.method == "GET"}
    addresses |= {name: matrix._own_account_address(name) for name in LIBRARY}
    for name, address in addresses.items():
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            if name not in FOR_ANYBODY:
                assert "no-store" in answer["Cache-Control"], name
            text = answer.content.decode()
            yield name, text, Links(text)


@pytest.fixture
def full(world: World) -> World:
    """With so many patients that the lists have a next page."""
    for number in range(55):
        make_patient(world.people.clinic, f"Person {number}", messages=False)
    for person in (world.people.nurse, world.people.manager):
        activate_app(person.user, "JBSWY3DPEHPK3PXP")
    return world


@override_settings(DEMO=True, STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize("who", WHO)
@pytest.mark.slow
def test_the_way_out_stands_on_every_page_and_no_address_tells_who_or_why(full: World, who: str) -> None:
    out, without, seen = reverse("account_logout"), set(), set()
    for name, text, found in pages(full, who):
        seen.add(name)
        if "<body" in text and name not in FOR_ANYBODY and out not in (*found.links, *found.posts):
            without.add(name)
        for link in found.links:
            for field, value in parse_qsl(urlsplit(link).query, keep_blank_values=True):
                assert re.fullmatch(MAY_STAND.get(field, "nothing"), value), (name, link)
    assert without == set()
    assert len(seen) > 12


@override_settings(DEMO=True, STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize("who", ["patient", "manager"])
@pytest.mark.slow
def test_a_field_given_twice_breaks_no_form_and_an_address_fills_none(
    full: World, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two values the last one counts; what stands in the address is never taken for what was sent."""
    # Every page that exports is opened here within seconds; limits have tests of their own.
    monkeypatch.setitem(limits.LIMITS, "export", "1000/m")
    found = {
        (action or full.address(name)): fields
        for name, _, page in pages(full, who)
        for action, fields in page.forms
    }
    out, client = reverse("account_logout"), full.client(who)
    assert len(found) > 5
    for address, fields in sorted(found.items()):
        if address == out:
            continue
        empty = client.post(address)
        query = urlencode(dict.fromkeys(fields, "1"))
        by_address = client.post(f"{address}{'&' if '?' in address else '?'}{query}")
        assert by_address.status_code == empty.status_code, address
        for values in (["1", "x"], ["x", "1"]):
            assert client.post(address, dict.fromkeys(fields, values)).status_code < 500, address


def test_a_form_is_sent_as_an_address_only_where_nobody_is_named() -> None:
    folder = ROOT / "templates"
    by_address = {
        str(file.relative_to(folder))
        for file in folder.rglob("*.html")
        if re.search(r'<form(?![^>]*method="(post|dialog)")', file.read_text(encoding="utf-8"))
    }
    assert by_address - {"allauth/elements/form.html"} == ASK_BY_ADDRESS


def test_nobody_writes_down_which_addresses_were_asked_for() -> None:
    for file in ("ops/supervisor.py", "docker-compose.yml", "Dockerfile"):
        assert "access-log" not in (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"^\s*log\b", (ROOT / "Caddyfile").read_text(encoding="utf-8"), re.MULTILINE)
