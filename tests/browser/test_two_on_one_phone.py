"""Two people on one phone: each one's things are their own, nothing that waits is lost, nobody reads the rest."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import User
from patients.sign_in.phone_secrets import person_mark
from recovery.models import DailyLog, PhoneKey
from tests import waiting
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, go_online, kept, press_send, raw, ready, until, until_received
from tests.browser.phone import at, phone, session_of
from tests.people import Cast, cast, make_helper, make_procedure, make_user
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
NOT_RECEIVED = "p[data-state=waiting]:visible >> text=NOT yet received by the clinic"
HOLDS = "async (about) => (await (await caches.match('/log/shell/'))?.text())?.includes(about)"
HAS_KEY = """async () => { const db = await new Promise((ok) => {
  const r = indexedDB.open('kypho'); r.onsuccess = () => ok(r.result); });
  const rows = await new Promise((ok) => {
    const r = db.transaction('people').objectStore('people').getAll(); r.onsuccess = () => ok(r.result); });
  db.close(); return rows.some((row) => row.credential); }"""
# The stores as they were in version 2, with a calm log of each of two patients.
OLD_STORE = """async (codes) => { const db = await new Promise((ok) => { const r = indexedDB.open('kypho', 2);
  r.onupgradeneeded = () => { r.result.createObjectStore('logs', {keyPath: 'id'});
    r.result.createObjectStore('facts'); r.result.createObjectStore('sent', {keyPath: 'id'}); };
  r.onsuccess = () => ok(r.result); });
  const put = db.transaction('logs', 'readwrite').objectStore('logs');
  for (const about of codes) { const id = crypto.randomUUID();
    put.put({id, about, at: Date.now(), tier: 'on_track', signs: [], state: 'waiting', why: '',
      body: {client_id: id, about, answers: {pain_move: 2}, answered_at: new Date().toISOString()}}); }
  await new Promise((ok) => (put.transaction.oncomplete = ok)); db.close(); }"""
SAID = "my back aches since Tuesday"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    people = cast()
    make_procedure(people.other_patient)
    return people


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    """Rosa's phone, ready for no signal."""
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        yield found


def become(page: Page, user: User) -> None:
    """Sign in as this person, as if the code had been typed."""
    url = page.evaluate("location.origin")
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}])


def write_with_no_signal(page: Page, **answers: str) -> None:
    go_offline(page)
    page.goto("/log/")
    fill(page, **answers)
    at(page, "#id_notes").fill(SAID)
    press_send(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=6000)
    page.context.route("**/api/logs/", lambda route: route.abort())
    go_online(page)


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.wait_for_load_state("networkidle")


def test_a_log_that_waits_survives_the_other_one_and_goes_out_when_its_person_is_back(
    page: Page, people: Cast
) -> None:
    rosa, olga = user_of(people.patient), user_of(people.other_patient)
    write_with_no_signal(page)
    page.goto("/accounts/logout/")
    expect(page.locator("#sign-out-unsent")).to_contain_text("It stays on this phone")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#waiting-here")).to_contain_text(
        "Rosa: 1 log, just now. The clinic does NOT have it yet."
    )
    assert violations(page) == []
    become(page, olga)
    page.goto("/today/")
    expect(page.locator("#unsent")).to_contain_text("1 log, just now (Rosa)")
    until(page, HOLDS, str(people.other_patient.code))
    sign_out(page)
    assert [(log["person"], log["name"]) for log in kept(page, "log")] == [(person_mark(rosa), "Rosa")]
    page.context.unroute("**/api/logs/")
    become(page, rosa)
    page.goto("/today/")
    until_received(page)
    log = DailyLog.objects.get()
    assert (log.patient, log.entered_by, log.answers["notes"]) == (people.patient, rosa, SAID)


def test_nobody_with_the_phone_in_hand_reads_an_answer(page: Page, people: Cast) -> None:
    write_with_no_signal(page, nerve_gate="some", numb="yes", numb_where="legs", numb_change="new")
    everything = str(raw(page))
    for word in (SAID, "numb", "pain_move", "answers", "RDN-01", "call_doctor"):
        assert word not in everything, word
    assert [row["live"] for row in raw(page)["people"]] == [{"extractable": False, "type": "secret"}]
    sign_out(page)
    assert [row["live"] for row in raw(page)["people"]] == [None]
    assert page.evaluate("async () => (await caches.keys()).filter((name) => name === 'kypho-own')") == []
    # The id of the last log sent from this tab, and nothing else.
    beside = page.evaluate("({...localStorage, ...sessionStorage})")
    assert all(re.fullmatch("[0-9a-f-]{36}", value) for value in beside.values()), beside


def test_everything_a_helper_of_two_wrote_goes_out_whoever_is_on_screen(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    helper = make_user(first_name="Sue")
    for patient in (people.patient, people.other_patient):
        make_helper(patient, user=helper)
    with phone(browser, live_server.url, helper) as page:
        page.goto("/today/")
        page.get_by_role("button", name="Rosa").click()
        ready(page)
        write_with_no_signal(page)
        page.goto("/today/")
        expect(page.locator("#unsent")).to_contain_text("1 log, just now (Rosa)")
        page.goto("/people/")
        page.get_by_role("button", name="Olga").click()
        expect(page.locator(".about")).to_contain_text("Olga")
        expect(page.locator("#unsent")).to_contain_text("1 log, just now (Rosa)")
        expect(page.locator("#unsent li")).to_contain_text("Your log about Rosa of")
        assert violations(page) == []
        page.locator("#unsent").get_by_role("link", name="See all of it").click()
        expect(page.get_by_text("This is about Rosa. Their clinic:")).to_be_visible()
        expect(page.get_by_role("button", name="Go back to my answers")).to_be_hidden()
        assert violations(page) == []
        page.context.unroute("**/api/logs/")
        page.goto("/today/")
        expect(page.locator(".about")).to_contain_text("Olga")
        until_received(page)
    assert DailyLog.objects.get().patient == people.patient


def test_the_other_one_signs_in_while_somebody_is_signed_in(page: Page, people: Cast) -> None:
    write_with_no_signal(page)
    become(page, user_of(people.other_patient))
    page.goto("/today/")
    page.locator("#unsent").get_by_role("link", name="Let them sign in").click()
    expect(page.get_by_role("heading", name="Who is using this phone?")).to_be_visible()
    expect(page.get_by_role("link", name="Go on as Olga")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Somebody else signs in").click()
    expect(page.locator("#waiting-here")).to_contain_text("Rosa: 1 log")
    expect(page.get_by_label("Your phone number or e-mail")).to_be_visible()
    assert [row["live"] for row in raw(page)["people"]] == [None, None]
    page.context.unroute("**/api/logs/")
    become(page, user_of(people.patient))
    page.goto("/today/")
    until_received(page)
    assert DailyLog.objects.get().entered_by == user_of(people.patient)


def test_a_phone_that_is_left_with_nothing_waiting_can_send_nothing_as_its_person(
    page: Page, people: Cast
) -> None:
    until(page, HAS_KEY)
    key = PhoneKey.objects.get()
    sign_out(page)
    assert [row["credential"] for row in raw(page)["people"]] == [None]
    key.refresh_from_db()
    assert key.ended_by == user_of(people.patient)


def test_logs_from_before_each_person_had_a_store_are_not_lost(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, None) as page:
        page.goto("/health/")
        page.evaluate(OLD_STORE, [str(people.patient.code), str(people.other_patient.code)])
        become(page, user_of(people.patient))
        page.goto("/today/")
        waiting.until(DailyLog.objects.exists, page=page)
        assert DailyLog.objects.get().patient == people.patient
        assert [row["value"]["about"] for row in raw(page)["old"]] == [str(people.other_patient.code)]
