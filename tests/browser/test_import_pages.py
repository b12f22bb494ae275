"""A file of patients in a browser: few presses, no barrier, and nothing wider than the screen."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import Patient
from tests.browser.desk import DESK, PHONE, too_wide, violations
from tests.browser.phone import phone
from tests.patients.test_import import csv_of, finish, line
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


def no_barrier(page: Page) -> None:
    assert (violations(page), too_wide(page)) == ([], 0), page.url


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_file_is_seen_corrected_and_imported_with_few_presses(
    browser: Browser, live_server: LiveServer, people: Cast, tmp_path: Path, size: dict[str, int]
) -> None:
    file = tmp_path / "november.csv"
    file.write_bytes(csv_of([line(1), line(2, levels="L7"), line(3, phone="(312) 555-0001")]))
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        page.goto("/desk/import/")
        no_barrier(page)
        page.get_by_label("File, CSV or XLSX").set_input_files(file)
        page.get_by_role("button", name="Read the file").click()
        finish()
        page.goto(page.url)
        expect(page.get_by_text("Do they share it?")).to_be_visible()
        no_barrier(page)
        page.get_by_label("Levels, row 3").fill("L5")
        page.get_by_label("They share it, row 4").check()
        page.get_by_role("button", name="Check these rows again").click()
        page.get_by_role("button", name="Import 3 new").click()
        finish()
        page.goto(page.url)
        expect(page.get_by_role("heading", name="Imported patients")).to_be_visible()
        no_barrier(page)
        page.get_by_role("link", name="Print the sign-in cards").click()
        expect(page.locator(".sign-in-card")).to_have_count(3)
        no_barrier(page)
        page.goto("/desk/jobs/")
        no_barrier(page)
        page.goto(f"/desk/patients/{people.patient.code}/home/")
        no_barrier(page)
    assert Patient.all_clinics.filter(mrn__startswith="LV-").count() == 3
