"""A nurse writes, the patient reads and answers, the nurse sees both, without a barrier."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import barriers
from tests.browser.desk import DESK, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.desk import chart
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


def test_from_the_nurse_to_the_patient_and_back(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(chart(people.patient))
        page.get_by_role("link", name="Write to the patient").click()
        page.get_by_role("button", name="Send to the patient").click()
        expect(page.get_by_role("link", name="Write what the patient should read.")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("button", name="Please call us").click()
        box = page.get_by_label("What you write")
        box.fill(f"{box.input_value()} Ask for Nora.")
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_role("button", name="Send to the patient").click()
        expect(page.get_by_text("Not read by the patient yet.")).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/today/")
        page.get_by_role("link", name="New from the care team").click()
        expect(page.get_by_text("Ask for Nora.")).to_be_visible()
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("link", name="Write your answer first")).to_be_visible()
        assert barriers.of_a_patient(page) == []
        assert too_wide(page) == 0
        page.get_by_role("textbox", name="Your answer").fill("I called, nobody was there.")
        page.get_by_role("button", name="Send", exact=True).click()
        page.wait_for_url("**/advice/")
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(chart(people.patient))
        panel = page.get_by_role("region", name="Messages to the patient")
        expect(panel).not_to_contain_text("Not read by the patient yet.")
        expect(page.get_by_text("I called, nobody was there.").first).to_be_visible()
