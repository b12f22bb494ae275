"""A date a year too early, in a browser: said back before it is saved, taken back in words when it was."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import ClinicOverride, Patient, Procedure
from recovery.care_plan import refresh, sending
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [PHONE, DESK]


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    """The second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def no_barrier(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        size = page.viewport_size
        assert size
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == 0


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_a_nurse_who_types_last_year_is_asked_and_keeps_what_she_typed(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    today = timezone.now().astimezone(ZoneInfo(people.clinic.timezone))
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto("/desk/enroll/")
        page.get_by_label("First name").fill("Ines")
        page.get_by_label("Last name").fill("Nunez")
        page.get_by_label("Birth date").fill("1948-05-06")
        page.get_by_label("Mobile phone").fill("(312) 555-0166")
        page.get_by_label("When the procedure ended").fill(f"{today - timedelta(days=363):%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Enroll and show the card").click()
        expect(page.locator(".asked-back")).to_contain_text("today would be day 363 after the procedure")
        expect(page.get_by_label("First name")).to_have_value("Ines")
        no_barrier(page, "enroll-asked-back")
        # The year is put right: nothing more is asked.
        page.get_by_label("When the procedure ended").fill(f"{today - timedelta(hours=4):%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Enroll and show the card").click()
        expect(page).to_have_url(re.compile(r"/card/$"))
    assert Patient.all_clinics.get(first_name="Ines").procedures.get().ended_at > timezone.now() - timedelta(
        days=1
    )


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_a_far_date_of_the_record_is_saved_once_it_is_confirmed(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    brace = (timezone.now() + timedelta(days=400)).date()
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto(f"/desk/patients/{people.patient.code}/record/")
        page.get_by_label("Brace until").fill(brace.isoformat())
        page.get_by_label("Allergies").fill("Latex")
        page.get_by_role("button", name="Save the record").click()
        expect(page.locator(".asked-back")).to_contain_text("Is that right?")
        no_barrier(page, "record-asked-back")
        page.get_by_label("Yes, this is right").check()
        page.get_by_role("button", name="Save the record").click()
        expect(page.get_by_text("The record is saved.")).to_be_visible()
    stored = Procedure.objects.get(pk=people.procedure.pk)
    assert (stored.brace_until, stored.allergies) == (brace, "Latex")


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_what_was_told_too_early_is_taken_back_where_patient_and_nurse_look(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    now = timezone.now()
    _told_too_early(people)
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto(f"/desk/patients/{people.patient.code}/record/")
        ended = now.astimezone(ZoneInfo(people.clinic.timezone)) - timedelta(hours=2)
        page.get_by_label("When the procedure ended").fill(f"{ended:%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Save the record").click()
        expect(page.get_by_text("Whatever the patient was told too early is taken back")).to_be_visible()
        no_barrier(page, "record-moved")
        refresh.refresh_due(timezone.now())
        sending.send_due(timezone.now())
        page.goto(f"/desk/patients/{people.patient.code}/")
        expect(page.get_by_role("heading", name="Told too early, and taken back")).to_be_visible()
        no_barrier(page, "chart-taken-back")
    with phone(browser, live_server.url, people.patient.user, viewport=size) as page:
        page.goto("/today/")
        told = page.locator("section", has=page.get_by_role("heading", name="The days in your plan have changed"))
        expect(told).to_contain_text("Driving")
        expect(told).to_contain_text("Not before")
        expect(page.get_by_role("heading", name="Do you want us to remind you to use ice?")).to_be_visible()
        no_barrier(page, "today-taken-back")
        page.get_by_role("button", name="Yes, remind me").click()
        expect(page.get_by_role("heading", name="Ice reminders are on")).to_be_visible()
        no_barrier(page, "today-ice-on")


def _told_too_early(people: Cast) -> None:
    """The procedure was two hours ago; two and a half days were typed, and the notes of those went out."""
    now = timezone.now()
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=now - timedelta(hours=60), recorded_at=now)
    # Whatever the hour: no quiet hours.
    ClinicOverride.objects.create(
        procedure=people.procedure,
        key="quiet_hours",
        value=["00:00", "00:00"],
        staff=people.nurse,
        reason="Sleeps by day.",
        set_at=now,
    )
    people.procedure.refresh_from_db()
    log_now(people.patient, people.procedure, opioid_hours_since=90)
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=timezone.now())
    refresh.refresh_due(timezone.now())
    sending.send_due(timezone.now())
