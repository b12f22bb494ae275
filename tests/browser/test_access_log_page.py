"""The access log in a browser: right and wrong searches, on a desk and on a phone, light and dark."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import AccessEvent
from tests.browser.desk import DESK, PHONE, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
LONG = ("Bartholomew-Alexander", "Featherstonehaugh-Cholmondeley")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_manager_finds_who_looked(
    browser: Browser, live_server: LiveServer, transactional_db: None, settings: Any, size: Any, scheme: str
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    people: Cast = cast()
    long = make_patient(people.clinic, LONG[0], last_name=LONG[1])
    for patient in (people.patient, long):
        AccessEvent.objects.create(
            at=timezone.now(),
            actor=people.nurse.user,
            patient=patient,
            action="opened the chart",
            subject="x" * 80,
        )
    options = {"viewport": size, "color_scheme": scheme}
    with phone(browser, live_server.url, people.manager.user, **options) as page:
        page.goto("/desk/access/")
        assert (violations(page), too_wide(page)) == ([], 0)
        page.get_by_label("From").fill("2026-03-05")
        page.get_by_label("To, this day included").fill("2026-03-04")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_text("before the first one").first).to_be_visible()
        assert (violations(page), too_wide(page)) == ([], 0)
        page.goto("/desk/access/")
        page.get_by_label("Patient:").fill("Rosa")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("link", name="Rosa Recovers")).to_be_visible()
        expect(page.get_by_text(LONG[1])).to_have_count(0)
        assert (violations(page), too_wide(page)) == ([], 0)
