"""The desk tells one truth, in a real browser: the new pages, and the mark of what waits on all of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.models import ClinicOverride
from recovery.journey import actions, stays
from recovery.journey.kept_contacts import keep
from tests.browser.desk import DESK, PHONE, ZOOMED, log_now, too_wide, violations
from tests.browser.phone import phone, tap, tap_all
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, CALM, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [DESK, PHONE, ZOOMED]


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    """A clinic with somebody in the hospital who has a hold, a contact and an alert, and somebody silent."""
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()
    found, now = cast(), timezone.now()
    log_now(found.patient, found.procedure, **NUMB)
    stays.begin(
        staff=found.nurse, patient=found.patient, since=now - timedelta(days=4), note="St. Mary Hospital", now=now
    )
    keep(staff=found.nurse, patient=found.patient, kind="note", note="Her daughter called.", now=now)
    ClinicOverride.objects.create(
        procedure=found.procedure,
        key="no_drive_until",
        value="2026-12-03",
        staff=found.physician,
        reason="Dizzy on standing",
        set_at=now,
    )
    make_procedure(make_patient(found.clinic, "Silent"), now - timedelta(days=5))
    calm = make_patient(found.clinic, "Away")
    make_procedure(calm)
    stays.begin(staff=found.nurse, patient=calm, since=now - timedelta(days=1), note="x", now=now)
    return found


def about(people: Cast) -> list[str]:
    chart = f"/desk/patients/{people.patient.code}/"
    return ["/desk/", "/desk/patients/", chart, f"{chart}contact/", f"{chart}hospital/", f"{chart}log/"]


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone", "zoomed"])
def test_no_new_page_has_a_barrier_or_is_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    found = {}
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        for path in about(people):
            page.goto(path)
            found[path] = (violations(page), too_wide(page))
    assert {path: result for path, result in found.items() if result != ([], 0)} == {}


def test_the_chart_says_who_holds_what_and_the_list_asks_about_the_hospital(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(about(people)[2])
        hold = page.get_by_role("region", name="Set for this patient")
        expect(hold).to_contain_text("No driving until")
        expect(hold).to_contain_text("Dizzy on standing")
        expect(hold).to_contain_text("Priya Staff")
        expect(page.get_by_role("region", name="Contacts and notes")).to_contain_text("Her daughter called.")
        page.goto("/desk/")
        expect(page.get_by_role("region", name="In the hospital")).to_contain_text("Away Recovers")


def test_a_contact_without_words_comes_back_with_what_to_do(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=PHONE) as page:
        page.goto(about(people)[3])
        page.get_by_label("Note", exact=True).check()
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator(".error-summary")).to_contain_text("Write a short note")
        expect(page.get_by_label("Note", exact=True)).to_be_checked()
        assert violations(page) == []
        page.get_by_label("What was said").fill("Slept well.")
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator(".note-success")).to_contain_text("The note is written down.")


def test_a_nurse_asks_the_questions_by_phone_and_reads_what_to_say(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(about(people)[5])
        page.locator("#div_id_em_breath .tile-open").click()
        tap(page, "em_breath", "some")
        page.get_by_role("button", name="Back to the questions").click()
        tap_all(page, {name: answer for name, answer in CALM.items() if name != "em_gate"})
        page.get_by_role("button", name="Send this log").click()
        expect(page.locator(".note-success")).to_contain_text("Call 911. Tell the patient:")
        expect(page.locator(".waiting-mark")).to_have_class("waiting-mark call_911")
        # nothing of a patient's answers is left in the browser of the staff
        assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0


def test_the_mark_on_a_form_follows_a_new_alert_and_keeps_what_was_typed(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    code = Alert.objects.get().code
    actions.acknowledge(staff=people.nurse, code=code, now=timezone.now())
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(about(people)[3])
        page.get_by_label("What was said").fill("Half a sentence")
        page.get_by_role("button", name="Sound off").click()
        expect(page.locator("#sound")).to_have_attribute("data-beeps", "1")
        expect(page.locator(".waiting-mark")).to_contain_text("No urgent alert")
        patient = make_patient(people.clinic, "Breathless")
        log_now(patient, make_procedure(patient), **BREATHLESS)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(".waiting-mark")).to_contain_text("1 waits")
        expect(page.locator("#sound")).to_have_attribute("data-beeps", "2")
        expect(page.get_by_label("What was said")).to_have_value("Half a sentence")
