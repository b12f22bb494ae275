"""With no signal Today, the plan and the cards open as they were last seen, for their own person alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, go_online, press_send, raw, ready
from tests.browser.phone import phone, session_of, to_advice
from tests.people import Cast, cast, make_procedure
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
NUMB = {"nerve_gate": "some", "numb": "yes", "numb_where": "legs", "numb_change": "new"}
PAGES = {
    "/today/": "Today",
    "/plan/": "Your plan",
    "/learn/": "Learn",
    "/history/": "Your history",
    "/visit/": "For your visit",
    "/help/": "Help",
    "/card/": "Show this to paramedics",
}
FORGET = """async () => { const db = await new Promise((ok) => {
  const r = indexedDB.open('kypho'); r.onsuccess = () => ok(r.result); });
  const store = db.transaction('things', 'readwrite').objectStore('things');
  const all = store.getAll();
  all.onsuccess = () => { for (const row of all.result)
    if (row.kind === 'page') store.delete([row.person, row.kind, row.id]); };
  await new Promise((ok) => (store.transaction.oncomplete = ok)); db.close(); }"""
AS_OF = re.compile(r"This is what we knew at \d{1,2}:\d\d [AP]M\.")


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        until_kept(found)
        yield found


def until_kept(page: Page) -> None:
    until(lambda: len(seals(page)) == len(PAGES), page=page)


def seals(page: Page) -> dict[str, object]:
    """What each kept page is closed with: another one each time it is kept."""
    return {row["id"]: row["iv"] for row in raw(page)["things"] if row["kind"] == "page"}


def until_renewed(page: Page, before: dict[str, object]) -> None:
    def all_are_new() -> bool:
        now = seals(page)
        return all(now[name] != before[name] for name in before)

    until(all_are_new, page=page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_as_it_was_last_seen_and_says_when_that_was(page: Page, path: str) -> None:
    go_offline(page)
    page.goto(path)
    expect(page.get_by_text(AS_OF)).to_be_visible()
    expect(page.locator("main").get_by_role("heading", level=1)).to_have_text(PAGES[path])
    assert page.locator(".bar .e911").get_attribute("href") == "tel:911"
    expect(page.locator("footer").get_by_role("link", name="(312) 555-0100")).to_be_visible()
    assert violations(page) == []


def test_after_an_urgent_log_with_no_signal_a_kept_page_allows_nothing_new(page: Page, people: Cast) -> None:
    people.procedure.ended_at -= timedelta(days=20)
    people.procedure.save()
    page.goto("/log/")
    fill(page)
    press_send(page)
    to_advice(page)
    page.goto("/plan/")
    # Kept again, or already as it is: a page that did not change keeps its seal.
    until(lambda: f"{people.patient.code} /plan/" in seals(page), page=page)
    page.wait_for_load_state("networkidle")
    go_offline(page)
    page.goto("/plan/")
    allowed = page.locator(".plan-reached")
    expect(page.get_by_text(AS_OF)).to_be_visible()
    before = allowed.count()
    page.goto("/log/")
    fill(page, **NUMB)
    press_send(page)
    expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible(timeout=6000)
    page.goto("/plan/")
    expect(page.get_by_text("Do nothing new until you have talked with your clinic.")).to_be_visible()
    assert before > 0
    assert allowed.count() == 0
    expect(page.locator("#unsent")).to_contain_text("Call your doctor now")
    assert violations(page) == []
    page.locator(".as-of").get_by_role("link", name="See its advice").click()
    expect(page.locator("#phone-advice").get_by_role("heading", name="Call your doctor now")).to_be_visible()


def test_the_advice_of_a_sent_log_opens_again_with_no_signal(page: Page) -> None:
    page.goto("/log/")
    fill(page, **NUMB)
    press_send(page)
    to_advice(page)
    address = page.url
    path = address.partition("//")[2].partition("/")[2]
    until(lambda: any(name.endswith(f" /{path}") for name in seals(page)), page=page)
    page.wait_for_load_state("networkidle")
    go_offline(page)
    page.goto(address)
    expect(page.get_by_text(AS_OF)).to_be_visible()
    expect(page.get_by_role("heading", name="Call your doctor now")).to_be_visible()
    page.goto("/today/")
    page.locator(".as-of").get_by_role("link", name="See its advice").click()
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible()


def test_another_person_on_this_phone_never_sees_them(page: Page, people: Cast) -> None:
    make_procedure(people.other_patient)
    url = page.evaluate("location.origin")
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user_of(people.other_patient)), "url": url}]
    )
    page.goto("/offline/")
    ready(page)
    go_offline(page)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("main h1:visible").first).to_be_visible()
        assert people.patient.first_name not in page.locator("body").inner_text()


def test_after_sign_out_nothing_of_them_can_be_read(page: Page) -> None:
    assert "Hold back on this" not in str(raw(page))
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    assert [row for row in raw(page)["people"] if row.get("live")] == []
    assert page.evaluate("caches.keys()") == [name for name in page.evaluate("caches.keys()") if "own" not in name]


def test_today_is_shown_anew_when_the_signal_is_back(page: Page) -> None:
    go_offline(page)
    page.goto("/today/")
    expect(page.get_by_text(AS_OF)).to_be_visible()
    go_online(page)
    page.get_by_role("link", name="Try this page again").first.click()
    expect(page.get_by_text(AS_OF)).to_be_hidden()
    expect(page.get_by_role("heading", name=re.compile("^Good "), level=1)).to_be_visible()


def test_after_an_urgent_log_was_sent_what_is_kept_says_so_at_once(page: Page) -> None:
    before = seals(page)
    page.goto("/log/")
    fill(page, **NUMB)
    press_send(page)
    to_advice(page)
    until_renewed(page, before)
    go_offline(page)
    page.goto("/today/")
    expect(page.get_by_text(AS_OF)).to_be_visible()
    expect(page.locator("[data-main]")).to_contain_text("Call your doctor now")
    page.goto("/history/")
    expect(page.locator("[data-main]")).to_contain_text("Call your doctor now")


def test_what_the_clinic_changed_is_kept_with_the_next_page(page: Page, people: Cast) -> None:
    people.procedure.next_visit_at = timezone.now() + timedelta(days=3)
    people.procedure.save()
    day = people.procedure.next_visit_at.astimezone(ZoneInfo(people.patient.timezone)).strftime("%b %-d")
    before = seals(page)
    page.goto("/learn/")
    until_renewed(page, before)
    go_offline(page)
    page.goto("/visit/")
    expect(page.locator("[data-main]")).to_contain_text(day)


def test_the_page_of_no_signal_is_never_kept_as_one_of_the_clinics(page: Page) -> None:
    page.evaluate(FORGET)
    go_offline(page)
    page.goto("/today/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.goto("/today/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
