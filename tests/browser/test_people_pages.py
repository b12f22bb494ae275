"""Pages about people: no barrier, nothing cut off, on a phone and on a desk, calm and with errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import ClinicOverride, Staff
from tests.browser.barriers import violations
from tests.browser.phone import phone
from tests.people import Cast, cast, make_patient, make_procedure, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]
DESK = ("", "{code}/record/", "{code}/settings/", "{code}/helpers/")
MINE = ("/my/helpers/", "/my/messages/")


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    """The second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = cast()
    make_procedure(make_patient(found.clinic, "Bartholomew-Alexander", last_name="Featherstonehaugh-Cholmondeley"))
    make_patient(found.clinic, "Ann", last_name="", mrn=None)
    make_staff(found.clinic, Staff.Role.PHYSICIAN, email="a.very.long.address.of.a.physician@hospital.example.org")
    now = timezone.now()
    for key, value, ended in (
        ("no_drive_until", "until_cleared", None),
        ("milestone_not_before_hours", {"M-WORK-48H": 96, "M-LIGHT-14D": 500}, None),
        ("quiet_hours", ["20:00", "09:00"], now),
    ):
        ClinicOverride.objects.create(
            procedure=found.procedure,
            key=key,
            value=value,
            staff=found.nurse,
            reason="Dizzy when she turns her head. Dr. Shah looks again at the visit on Thursday.",
            set_at=now - timedelta(days=1),
            ended_at=ended,
        )
    return found


def barriers(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    words = violations(page)
    assert page.viewport_size
    wide = page.evaluate("document.documentElement.scrollWidth")
    return words + ([f"{wide} px wide"] if wide > page.viewport_size["width"] else [])


@contextmanager
def desk(browser: Browser, server: LiveServer, staff: Staff, size: Any) -> Iterator[Page]:
    with phone(browser, server.url, staff.user, viewport=size) as page:
        yield page


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("path", DESK)
def test_a_desk_page_about_people_has_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, path: str, size: Any
) -> None:
    with desk(browser, live_server, people.nurse, size) as page:
        page.goto("/desk/patients/" + path.format(code=people.patient.code))
        assert barriers(page) == []
        for more in page.locator("main summary").all():
            more.click()
        assert barriers(page) == []


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_staff_page_has_no_barrier(browser: Browser, live_server: LiveServer, people: Cast, size: Any) -> None:
    Staff.objects.filter(pk=people.nurse2.pk).update(active=False)
    with desk(browser, live_server, people.manager, size) as page:
        page.goto("/desk/staff/")
        assert barriers(page) == []
        page.get_by_role("button", name="Add and send the link").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert barriers(page) == []


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("path", MINE)
def test_a_patients_page_has_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, path: str, size: Any
) -> None:
    with phone(browser, live_server.url, people.patient.user, viewport=size) as page:
        page.goto(path)
        assert barriers(page) == []


def test_a_setting_that_can_not_be_opens_its_own_form_again_and_says_why(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with desk(browser, live_server, people.nurse, SIZES[0]) as page:
        page.goto(f"/desk/patients/{people.patient.code}/settings/")
        card = page.get_by_role("region", name="Fever line in °F")
        card.get_by_text("Set").click()
        card.get_by_role("spinbutton").fill("101")
        card.get_by_label("Why").fill("On steroids")
        card.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="it can only be lowered")).to_be_visible()
        expect(card.get_by_role("spinbutton")).to_have_value("101")
        expect(card.get_by_label("Why")).to_have_value("On steroids")
        assert barriers(page) == []
        card.get_by_role("spinbutton").fill("99.5")
        card.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Fever line in °F: 99.5")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_patient_adds_changes_and_removes_a_helper_with_or_without_scripts(
    browser: Browser, live_server: LiveServer, people: Cast, script: bool
) -> None:
    with phone(browser, live_server.url, people.patient.user, java_script_enabled=script) as page:
        page.goto("/my/helpers/")
        page.get_by_label("Name").fill("Sam Sun")
        page.get_by_label("Who they are").fill("son")
        page.get_by_role("button", name="Add this helper").click()
        expect(page.get_by_role("link", name="Enter the helper’s phone number or e-mail.")).to_be_visible()
        expect(page.get_by_label("Name")).to_have_value("Sam Sun")
        page.get_by_label("Their phone number or e-mail").fill("sam@example.org")
        page.get_by_role("button", name="Add this helper").click()
        expect(page.get_by_text("Tell Sam Sun to open")).to_be_visible()
        card = page.get_by_role("region", name="Sam Sun, son")
        card.get_by_text("Change").click()
        card.get_by_text("Gets a note when").click()
        card.get_by_role("button", name="Save").click()
        expect(card.get_by_text("May fill in the log. Gets notes.")).to_be_visible()
        card.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Sam Sun, son is removed")).to_be_visible()
        expect(card).to_have_count(0)


def test_the_roster_is_searched_and_opens_the_chart_by_keyboard(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with desk(browser, live_server, people.nurse, SIZES[1]) as page:
        page.goto("/desk/patients/")
        page.get_by_label("Name, record number, birth date or phone").fill("feather")
        page.get_by_label("Name, record number, birth date or phone").press("Enter")
        expect(page.get_by_role("row")).to_have_count(2)
        page.get_by_role("link", name="Featherstonehaugh").press("Enter")
        expect(page.get_by_role("heading", name="Bartholomew-Alexander")).to_be_visible()
