"""The log opens out of what the phone keeps: at once, never another person's, never in another language."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import User
from recovery.models import DailyLog
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, press_send, ready, until
from tests.browser.phone import phone, session_of, to_advice
from tests.people import Cast, cast, make_procedure
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
IS_THEIRS = "async () => Boolean(await caches.match('/log/shell/?theirs', {cacheName: 'kypho-own'}))"
IS_ASKED_FOR = "async () => !(await caches.match('/log/shell/?theirs', {cacheName: 'kypho-own'}))"
LANGUAGE_OF_LOG = """async (language) => (await (await caches.match('/log/shell/'))?.text() || '')
  .includes(`<html lang="${language}"`)"""
LANGUAGE_OF_OFFLINE = LANGUAGE_OF_LOG.replace("/log/shell/", "/offline/")
KEPT = "#log-form[data-kept]"
FROM_THE_CLINIC = "#log-form:not([data-kept])"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    people = cast()
    make_procedure(people.other_patient)
    return people


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    """Rosa's phone, which has heard from the clinic whose it is."""
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        until(found, IS_THEIRS)
        yield found


def become(page: Page, user: User) -> None:
    url = page.evaluate("location.origin")
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}])


def test_the_log_opens_before_the_clinic_answers_and_says_whose_it_is(page: Page, people: Cast) -> None:
    page.goto("/log/", wait_until="commit")
    expect(page.locator(KEPT)).to_be_attached()
    expect(page.locator(".whose")).to_contain_text("About Rosa")
    assert violations(page) == []
    fill(page)
    press_send(page)
    to_advice(page)
    assert DailyLog.objects.get().patient == people.patient


def test_who_reloads_gets_the_clinics_own_page(page: Page) -> None:
    page.goto("/log/")
    expect(page.locator(KEPT)).to_be_attached()
    page.reload()
    expect(page.locator(FROM_THE_CLINIC)).to_be_attached()


def test_after_signing_out_the_clinic_is_asked_first(page: Page, people: Cast) -> None:
    page.goto("/accounts/logout/")
    until(page, IS_ASKED_FOR)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    become(page, user_of(people.other_patient))
    page.goto("/log/")
    expect(page.locator(FROM_THE_CLINIC)).to_be_attached()
    assert page.locator("[name=about]").input_value() == str(people.other_patient.code)


def test_a_kept_log_of_somebody_else_gives_way_at_once(page: Page, people: Cast) -> None:
    # Signed in without a page of this phone: nothing has told the worker.
    become(page, user_of(people.other_patient))
    page.goto("/log/", wait_until="commit")
    expect(page.locator(FROM_THE_CLINIC)).to_be_attached(timeout=15_000)
    assert page.locator("[name=about]").input_value() == str(people.other_patient.code)
    assert "Rosa" not in page.locator("main").inner_text()


def test_a_kept_log_of_a_recovery_that_was_closed_gives_way(page: Page, people: Cast) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    page.goto("/log/", wait_until="commit")
    expect(page.locator("#log-form")).to_have_count(0, timeout=15_000)
    expect(page.locator("h1")).to_be_visible()


def test_a_kept_log_in_another_language_gives_way_until_somebody_begins(page: Page, people: Cast) -> None:
    # Chosen on another phone: nothing has told this worker.
    User.objects.filter(pk=user_of(people.patient).pk).update(language="es")
    page.goto("/log/", wait_until="commit")
    expect(page.locator(FROM_THE_CLINIC)).to_be_attached()
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Cómo está hoy?")


def test_another_language_changes_everything_that_is_kept(page: Page) -> None:
    page.goto("/help/")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.goto("/log/")
    # Kept anew in Spanish by now, or the clinic's own.
    expect(page.locator("html")).to_have_attribute("lang", "es")
    until(page, LANGUAGE_OF_LOG, "es")
    until(page, LANGUAGE_OF_OFFLINE, "es")
    until(page, IS_THEIRS)
    page.wait_for_load_state("networkidle")
    go_offline(page)
    page.goto("/log/")
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Cómo está hoy?")
    page.goto("/plan/")
    expect(page.locator("#kept-page h1, #no-page h1").locator("visible=true")).not_to_have_text("Your plan")


def test_a_phone_with_older_rules_says_so(page: Page) -> None:
    def newer(route: Route) -> None:
        body = route.fetch().json()
        route.fulfill(json={**body, "rulebook": "0" * 64}, headers={"X-Kypho": "1"})

    page.context.route("**/api/facts/", newer)
    page.goto("/today/")
    until(page, IS_ASKED_FOR)
    page.goto("/log/")
    expect(page.locator(FROM_THE_CLINIC)).to_be_attached()
    fill(page)
    go_offline(page)
    press_send(page)
    expect(page.locator("#phone-advice [data-outdated]")).to_be_visible(timeout=6000)
    assert violations(page) == []
