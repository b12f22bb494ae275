"""The clinic's records were restored from a backup: the phone sends again, quietly, and nothing twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from alerts.integrity import epochs
from alerts.models import Alert, AlertEvent, AlertSign, Epoch
from patients.models import User
from recovery.models import Assessment, DailyLog
from tests.browser.offline import fill, kept, press_send, ready
from tests.browser.phone import phone, session_of, to_advice
from tests.people import Cast, cast, make_procedure
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
LOST = (Assessment, AlertEvent, AlertSign, Alert, DailyLog)
LEGS = {"nerve_gate": "some", "numb": "yes", "numb_where": "legs", "numb_change": "new"}


@pytest.fixture
def people(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Cast]:
    """Everybody, in records whose epoch is known."""
    settings.DATA_DIR = tmp_path
    epochs.forget()
    epochs.look()
    yield cast()
    epochs.forget()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    """The patient's phone."""
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        yield found


def send_log(page: Page, **changes: Any) -> None:
    """Fill in and send; the clinic has it."""
    page.goto("/log/")
    fill(page, **changes)
    press_send(page)
    to_advice(page)


def lose_all_logs() -> None:
    """The copy is from before the first log. Rows that are never removed are removed by the disk alone."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for model in LOST:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        cursor.execute("SET session_replication_role = DEFAULT")


def put_back(*, told: bool = True) -> None:
    """A copy without any log; told: the server knows."""
    lose_all_logs()
    if told:
        newest = Epoch.objects.latest("pk")
        assert epochs.begin("operator", timezone.now(), here=epochs.where_we_are(), newest=newest)


def until_there(page: Page, count: int, seconds: float = 30) -> None:
    """The clinic has so many logs, and has judged them."""
    judged = DailyLog.objects.filter(assessment__isnull=False)
    until(lambda: judged.count() >= count, seconds, page=page)


@pytest.mark.parametrize("told", [True, False])
def test_a_lost_urgent_log_has_its_alert_again_and_nothing_is_said_on_the_phone(page: Page, told: bool) -> None:
    send_log(page)
    send_log(page, **LEGS)
    ids = {str(log.client_id) for log in DailyLog.objects.all()}
    # Noted beside the page that says it arrived.
    until(lambda: {entry["id"] for entry in kept(page, "sent")} == ids, page=page)
    put_back(told=told)
    page.goto("/today/")
    until_there(page, 2)
    assert {str(log.client_id) for log in DailyLog.objects.all()} == ids
    # The urgent one came first.
    assert DailyLog.objects.order_by("pk")[0].assessment.tier == "call_doctor_now"
    assert Alert.objects.get().tier == "call_doctor_now"
    page.goto("/today/")
    expect(page.locator("#unsent")).to_be_hidden()
    assert DailyLog.objects.count() == 2


def test_what_was_not_lost_is_sent_once_more_and_found(page: Page) -> None:
    send_log(page)
    newest = Epoch.objects.latest("pk")
    made = epochs.begin("operator", timezone.now(), here=epochs.where_we_are(), newest=newest)
    assert made
    with page.expect_response("**/api/logs/") as answer:
        page.goto("/today/")
    assert answer.value.status == 200
    until(lambda: [entry["epoch"] for entry in kept(page, "sent")] == [str(made.code)], page=page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/api/logs/" in request.url else None)
    with page.expect_response("**/api/facts/"):
        page.goto("/today/")
    page.wait_for_load_state("networkidle")
    assert sent == []
    assert DailyLog.objects.count() == 1


@pytest.mark.parametrize("told", [True, False])
def test_a_signal_that_goes_in_the_middle_is_made_up_for_by_the_next_page(page: Page, told: bool) -> None:
    for _ in range(3):
        send_log(page)
    page.goto("/history/")
    page.wait_for_load_state("networkidle")
    put_back(told=told)
    through: list[str] = []

    def first_only(route: Route) -> None:
        if through:
            return route.abort()
        through.append(route.request.url)
        return route.continue_()

    page.context.route("**/api/logs/", first_only)
    page.goto("/today/")
    until_there(page, 1)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#unsent")).to_be_hidden()
    assert DailyLog.objects.count() == 1
    page.context.unroute("**/api/logs/")
    page.goto("/plan/")
    until_there(page, 3)


def test_a_helpers_phone_sends_again_too(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, people.helper.user) as page:
        ready(page)
        send_log(page, **LEGS)
        put_back()
        page.goto("/today/")
        until_there(page, 1)
        log = DailyLog.objects.get()
        assert (log.entered_by, log.answers["logged_by"]) == (people.helper.user, "caregiver")
        assert Alert.objects.count() == 1


def test_what_is_kept_for_14_days_stays_through_the_next_person_and_signing_out(page: Page, people: Cast) -> None:
    send_log(page)
    mine = kept(page, "sent")
    make_procedure(people.other_patient)
    sign_in(page, user_of(people.other_patient))
    send_log(page)
    assert len(kept(page, "sent")) == 2
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    put_back()
    sign_in(page, user_of(people.patient))
    until_there(page, 1)
    log = DailyLog.objects.get()
    assert (str(log.client_id), log.patient) == (mine[0]["id"], people.patient)


def sign_in(page: Page, user: User) -> None:
    """Somebody else takes the phone."""
    url = page.evaluate("location.origin")
    page.context.add_cookies(
        [{"name": django_settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}]
    )
    with page.expect_response("**/api/facts/"):
        page.goto("/today/")
    page.wait_for_load_state("networkidle")
