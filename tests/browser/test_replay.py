"""What if, on a phone and on a desk: no barrier, nothing cut off, no script needed."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
NEARLY = {"fever_feel": "yes", "temp_value": 100.2, "temp_unit": "F"}


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    people = cast()
    log_now(people.patient, people.procedure, **NEARLY)
    return people


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_manager_tries_a_number_and_sees_who_is_concerned(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        page.goto("/desk/rules/")
        page.get_by_role("link", name="What if").click()
        assert violations(page) == []
        page.get_by_label("Fever line, in °F").fill("100")
        page.get_by_label("Fever line, in °F").press("Enter")
        expect(page.get_by_role("heading", name="1 of 1 logs would be judged differently")).to_be_visible()
        assert violations(page) == []
        assert too_wide(page) == 0
        page.get_by_role("link", name=people.patient.name).click()
        expect(page).to_have_url(f"{live_server.url}/desk/patients/{people.patient.code}/")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_wrong_number_is_explained_beside_it_and_kept_without_scripts(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    options = {"viewport": size, "java_script_enabled": False}
    with phone(browser, live_server.url, people.manager.user, **options) as page:
        page.goto("/desk/rules/replay/")
        page.get_by_label("Fever line, in °F").fill("120")
        page.get_by_role("button", name="Judge again").click()
        expect(page.get_by_role("alert")).to_contain_text("it must be from 99.0 to 101.0.")
        expect(page.get_by_label("Fever line, in °F")).to_have_value("120")
        assert too_wide(page) == 0
