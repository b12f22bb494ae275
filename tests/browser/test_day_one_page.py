"""The list of a new clinic above the worklist: no barrier and nothing too wide, on a desk and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import Staff
from tests.browser.desk import DESK, PHONE, too_wide, violations
from tests.browser.phone import phone
from tests.people import make_clinic, make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_manager_goes_from_a_line_to_where_it_is_done(
    browser: Browser, live_server: LiveServer, transactional_db: None, settings: Any, size: Any, scheme: str
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    manager = make_staff(make_clinic(after_hours_phone="+13125550199"), Staff.Role.MANAGER)
    options = {"viewport": size, "color_scheme": scheme}
    with phone(browser, live_server.url, manager.user, **options) as page:
        page.goto("/desk/")
        expect(page.get_by_role("heading", name="Before this clinic watches over patients")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("link", name="Name the medical lead").click()
        expect(page.get_by_role("heading", name="Medical lead", exact=True)).to_be_in_viewport()
