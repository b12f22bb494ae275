"""A nurse writes down what she did: on a phone, by keyboard, without scripts, after she was signed out."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from alerts.lifecycle import record_contact
from alerts.models import Alert, AlertEvent
from patients.sign_in.proofs import LAST_CLICK
from patients.sign_in.session_store import SessionStore
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import NUMB

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a long enough password"
BOTH = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
LONG = "Maximiliana-Theodora-Wilhelmina-Konstantina-Alexandra"


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()
    return cast()


def twenty_minutes_pass(page: Page) -> None:
    """As if nobody had clicked for so long."""
    name = next(one["value"] for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    session = SessionStore(session_key=name)
    session[LAST_CLICK] -= 20 * 60
    session.save()


@BOTH
def test_a_call_back_is_promised_with_one_tap(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    with phone(browser, live_server.url, people.nurse.user, viewport=size, timezone_id="Asia/Tokyo") as page:
        page.goto(f"/desk/alerts/{Alert.objects.get().code}/contact/")
        page.get_by_role("button", name="Record this contact").press("Enter")
        expect(page.locator(".error-summary")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_label("Spoke with the patient").press("Space")
        page.get_by_label("What was advised").fill("Rest. " * 300)
        page.get_by_role("group", name="Call-back promised").get_by_role("button", name="in 30 min").press("Enter")
        page.get_by_role("button", name="Record this contact").press("Enter")
        expect(page.get_by_text("Contact recorded.")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
    promised = Alert.objects.get().call_back_by
    assert promised
    assert timedelta(minutes=28) < promised - timezone.now() <= timedelta(minutes=30)


def test_the_back_button_after_a_mistake_shows_the_page_and_sends_nothing(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(f"/desk/alerts/{Alert.objects.get().code}/contact/")
        page.get_by_role("button", name="Record this contact").click()
        expect(page.locator(".error-summary")).to_be_visible()
        page.get_by_label("Called, not reached").check()
        page.get_by_role("button", name="Record this contact").click()
        expect(page.get_by_text("1 call without an answer").first).to_be_visible()
        page.go_back()
        expect(page.get_by_role("button", name="Record this contact")).to_be_visible()
        page.go_forward()
        expect(page.get_by_text("1 call without an answer").first).to_be_visible()
    assert Alert.objects.get().tries == 1


def test_a_colleague_was_faster_and_the_next_press_counts(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    alert = Alert.objects.get()
    with phone(browser, live_server.url, people.nurse.user, viewport=PHONE) as page:
        page.goto(f"/desk/alerts/{alert.code}/contact/")
        record_contact(
            alert=alert,
            staff=people.nurse2,
            level="contacted",
            note="Rest.",
            call_back_by=None,
            now=timezone.now(),
        )
        page.get_by_label("Spoke with the patient").check()
        page.get_by_label("What was advised").fill("I called as well.")
        page.get_by_role("button", name="Record this contact").click()
        expect(page.get_by_text("While this form was open")).to_be_visible()
        expect(page.get_by_label("What was advised")).to_have_value("I called as well.")
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("button", name="Record this contact").click()
        expect(page.get_by_text("Contact recorded.")).to_be_visible()


def test_what_she_typed_outlives_her_session(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    nurse = people.nurse.user
    nurse.set_password(PASSWORD)
    nurse.save()
    EmailAddress.objects.create(user=nurse, email=nurse.email, verified=True, primary=True)
    with phone(browser, live_server.url, nurse, viewport=PHONE) as page:
        page.goto(f"/desk/patients/{people.patient.code}/")
        form = page.locator(".act")
        form.get_by_label("Patient", exact=True).check()
        form.get_by_label("What was said").fill("Spoke at 3. Legs strong.")
        form.get_by_label("Look again", exact=True).check()
        twenty_minutes_pass(page)
        form.get_by_role("button", name="Save").click()
        expect(page.get_by_text("What you typed is kept")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_label("Work e-mail").fill(nurse.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in with password").click()
        expect(page.get_by_label("What was said")).to_have_value("Spoke at 3. Legs strong.")
        expect(page.get_by_label("Patient", exact=True)).to_be_checked()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Contact recorded.")).to_be_visible()
    assert AlertEvent.objects.get(what="contacted").note == "Spoke at 3. Legs strong."


@BOTH
def test_thirty_alerts_and_a_very_long_name_stay_on_the_screen(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    for number in range(30):
        patient = make_patient(people.clinic, f"P{number}" if number else LONG)
        log_now(patient, make_procedure(patient), **NUMB)
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.route("**/events/board/", lambda route: route.fulfill(status=502))
        page.goto("/desk/")
        expect(page.get_by_role("button", name="Take")).to_have_count(30)
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("link", name=LONG).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(LONG)
        assert too_wide(page) == 0


def test_without_scripts_an_alert_is_taken_and_written_down(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    with phone(browser, live_server.url, people.nurse.user, viewport=PHONE, java_script_enabled=False) as page:
        page.goto("/desk/")
        page.get_by_role("button", name="Take").click()
        form = page.locator(".act")
        form.get_by_label("Nobody", exact=True).check()
        form.get_by_role("button", name="Save").click()
        expect(page.get_by_text("1 call without an answer").first).to_be_visible()
        form.get_by_label("Helper", exact=True).check()
        form.get_by_label("What was said").fill("ER took over.")
        form.get_by_label("Done", exact=True).check()
        form.get_by_label("Went to the emergency room").check()
        form.get_by_label("Useful", exact=True).check()
        form.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The alert is closed.")).to_be_visible()
    assert Alert.objects.get().outcome == "sent_to_er"
