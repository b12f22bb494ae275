"""Learn, the page for a visit and the hand-outs: no barrier, on a phone, on a desk, on paper, without scripts."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import barriers
from tests.browser.barriers import of_a_patient as violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import BREATHLESS, CALM, NUMB
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
ASKED = {"sleep": "poor", "question_for_team": "May I swim again, and when?"}


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    found = cast()
    found.procedure.medicine_instructions = "Acetaminophen, as on the label\nAspirin: on hold"
    found.procedure.cement_leakage = True
    found.procedure.save()
    return found


def log_now(people: Cast, **changes: object) -> None:
    client = Client()
    client.force_login(user_of(people.patient))
    client.post("/log/", {**CALM, **changes})


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("answers", [ASKED, {**NUMB, "mood": "low"}, BREATHLESS], ids=["calm", "doctor", "911"])
def test_what_a_patient_reads_has_no_barrier_and_is_not_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int], answers: dict[str, object]
) -> None:
    log_now(people, pain_move=5)
    log_now(people, **answers)
    with phone(browser, live_server.url, user_of(people.patient), viewport=size) as page:
        for path in ("/today/", "/plan/", "/learn/", "/visit/"):
            page.goto(path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_hand_out_and_the_cards_have_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    log_now(people, **ASKED)
    base = f"/desk/patients/{people.patient.code}/"
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        for path in ("/desk/before/", f"{base}card/", f"{base}record/", base, "/desk/enroll/"):
            page.goto(path)
            assert barriers.violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


def test_from_today_to_the_library_and_the_visit_without_scripts(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people, **ASKED)
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=False) as page:
        page.goto("/today/")
        page.get_by_role("link", name="Learn more").click()
        expect(page.get_by_role("heading", name="Pain pills: stick to the plan")).to_be_hidden()
        page.locator("summary", has_text="Medicines").click()
        expect(page.get_by_role("heading", name="Medicines")).to_be_in_viewport()
        expect(page.get_by_text("Aspirin: on hold")).to_be_visible()
        page.get_by_role("link", name="For your visit").click()
        expect(page.get_by_text("May I swim again, and when?")).to_be_visible()


def test_on_paper_there_are_name_questions_numbers_and_sources_and_no_navigation(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people, pain_move=5)
    log_now(people, **ASKED)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/visit/")
        page.emulate_media(media="print")
        expect(page.get_by_text("Rosa Recovers").first).to_be_visible()
        expect(page.get_by_text("May I swim again, and when?")).to_be_visible()
        expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
        expect(page.get_by_text("To print this page")).to_be_hidden()
        expect(page.get_by_role("table")).to_be_visible()
        page.goto("/learn/")
        expect(page.get_by_text("Care: medicines (MD-08)").first).to_be_visible()
