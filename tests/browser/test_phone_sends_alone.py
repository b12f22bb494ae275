"""An urgent log leaves the phone with nobody signed in: by the page, by the worker, whoever is on screen."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.sign_in.phone_secrets import person_mark
from recovery.logs import phone_keys
from recovery.models import DailyLog, PhoneKey, SealedLog
from tests import waiting
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, go_offline, go_online, kept, press_send, raw, ready, until, until_received
from tests.browser.phone import at, phone
from tests.browser.test_two_on_one_phone import HAS_KEY, NOT_RECEIVED, become, sign_out
from tests.people import Cast, cast, make_procedure
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
LEGS = {"nerve_gate": "some", "numb": "yes", "numb_where": "legs", "numb_change": "new"}
SAID = "both feet are numb since noon"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    people = cast()
    make_procedure(people.other_patient)
    return people


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    """Rosa's phone, ready for no signal, with a key to send by."""
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        until(found, HAS_KEY)
        yield found


def hold_back(page: Page) -> None:
    """Pages arrive, logs do not."""
    for address in ("**/api/logs/", "**/api/sealed-logs/"):
        page.context.route(address, lambda route: route.abort())


def let_through(page: Page) -> None:
    page.context.unroute("**/api/sealed-logs/")


def write_urgent(page: Page) -> None:
    page.goto("/log/")
    fill(page, **LEGS)
    at(page, "#id_notes").fill(SAID)
    press_send(page)


def until_there(page: Page) -> DailyLog:
    """The clinic has the one log, and has judged it."""
    log = waiting.until(DailyLog.objects.filter(partial=False, assessment__isnull=False).first, 15, page=page)
    assert log
    return log


def hers(people: Cast, log: DailyLog) -> None:
    """Rosa's own words are in Rosa's chart, and somebody is told."""
    assert (log.patient, log.entered_by) == (people.patient, user_of(people.patient))
    assert (log.answers["notes"], log.assessment.tier, log.assessment.difference) == (SAID, "call_doctor_now", "")
    assert Alert.objects.get().patient == people.patient


def test_with_nobody_signed_in_the_sign_in_page_says_whom_to_call_and_sends_it(page: Page, people: Cast) -> None:
    hold_back(page)
    write_urgent(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=9000)
    sign_out(page)
    waiting = page.locator("#waiting-here")
    expect(waiting).to_contain_text("Rosa: 1 log, just now. The clinic does NOT have it yet. It is urgent.")
    assert waiting.get_by_role("link").get_attribute("href") == "tel:+13125550100"
    assert violations(page) == []
    text = str(raw(page))
    for word in (SAID, "numb", "answers", "Recovers", "RDN"):
        assert word not in text, word
    let_through(page)
    page.reload()
    hers(people, until_there(page))
    expect(waiting).to_be_hidden()
    assert SealedLog.objects.get().state == "opened"
    # Its words stay on the phone, closed, for fourteen days.
    assert [row["person"] for row in kept(page, "sent")] == [person_mark(user_of(people.patient))]


def test_while_somebody_else_is_signed_in_it_goes_out_as_hers(page: Page, people: Cast) -> None:
    hold_back(page)
    write_urgent(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=9000)
    become(page, user_of(people.other_patient))
    page.goto("/today/")
    expect(page.locator("#unsent")).to_contain_text("1 log, just now (Rosa)")
    let_through(page)
    page.reload()
    hers(people, until_there(page))
    expect(page.locator("#unsent")).to_be_hidden()


def test_a_session_that_ran_out_holds_nothing_up(page: Page, people: Cast) -> None:
    page.goto("/log/")
    # A kept log asks first whose phone this is by now.
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    fill(page, **LEGS)
    at(page, "#id_notes").fill(SAID)
    press_send(page)
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible(timeout=9000)
    hers(people, until_there(page))


def test_the_worker_sends_it_without_any_page_of_ours(page: Page, people: Cast) -> None:
    hold_back(page)
    write_urgent(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=9000)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.goto("/health/")
    let_through(page)
    page.goto("/health/")
    hers(people, until_there(page))


def test_written_with_no_signal_it_leaves_when_the_signal_is_back(page: Page, people: Cast) -> None:
    go_offline(page)
    write_urgent(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=9000)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    go_online(page)
    hers(people, until_there(page))
    expect(page.get_by_text("Your clinic has this log now.")).to_be_visible(timeout=9000)


def test_when_its_person_is_back_the_words_are_confirmed_and_nothing_is_there_twice(
    page: Page, people: Cast
) -> None:
    hold_back(page)
    write_urgent(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=9000)
    sign_out(page)
    let_through(page)
    page.reload()
    until_there(page)
    page.context.unroute("**/api/logs/")
    become(page, user_of(people.patient))
    with page.expect_response("**/api/logs/") as answer:
        page.goto("/today/")
    assert answer.value.status == 200
    assert (DailyLog.objects.count(), Alert.objects.count()) == (1, 1)


def test_a_key_the_clinic_ended_sends_nothing_and_the_log_waits_for_its_person(page: Page, people: Cast) -> None:
    hold_back(page)
    write_urgent(page)
    expect(page.locator(NOT_RECEIVED)).to_be_visible(timeout=9000)
    now = timezone.now()
    key = PhoneKey.objects.get()
    phone_keys.end(phone_keys.of_patient(people.patient, now), key.code, people.nurse.user, now)
    sign_out(page)
    let_through(page)
    page.reload()
    until(page, f"async () => !(await ({HAS_KEY})())")
    assert not DailyLog.objects.exists()
    page.context.unroute("**/api/logs/")
    become(page, user_of(people.patient))
    page.goto("/today/")
    hers(people, until_there(page))
    until_received(page)
