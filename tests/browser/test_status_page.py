"""The promises without a barrier, on a desk and on a phone, with something broken."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert, OnCallShift
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import cast
from tests.recovery.conftest import NUMB

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_broken_promise_leads_by_keyboard_to_the_patient_and_has_no_barrier(
    browser: Browser, live_server: LiveServer, settings: Any, size: dict[str, int]
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    people = cast()
    log_now(people.patient, people.procedure, **NUMB)
    now = timezone.now()
    Alert.objects.update(next_step_at=now - timedelta(minutes=9))
    OnCallShift.objects.create(
        clinic=people.clinic, staff=people.nurse, starts_at=now, ends_at=now + timedelta(hours=2)
    )
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:
        page.goto("/desk/figures/")
        page.get_by_role("link", name="Which promises are kept").click()
        expect(page.locator(".status-sum")).to_contain_text("1 broken")
        page.locator("#alerts-move summary").first.press("Enter")
        assert (violations(page), too_wide(page)) == ([], 0)
        page.locator("#alerts-move a").first.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(people.patient.name)
