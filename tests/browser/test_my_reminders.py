"""The page Reminders on a phone and a wide screen: no barrier, errors kept, and a phone is added by one tap."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import Caregiver, ContactMethod, Patient
from tests.alerts.subscriber import Subscriber
from tests.alerts.test_push import VAPID
from tests.browser.barriers import of_a_patient
from tests.browser.phone import phone
from tests.browser.test_people_pages import SIZES
from tests.browser.test_push import SUBSCRIBE
from tests.people import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/my/reminders/"
SCOPES = "async () => (await navigator.serviceWorker.getRegistrations()).map((one) => new URL(one.scope).pathname)"


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.VAPID_PRIVATE_KEY, settings.OUTBOUND_LOOPBACK = VAPID, True
    found = cast()
    Caregiver.objects.filter(pk=found.helper.pk).update(may_be_alerted=True)
    return found


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_reminders_have_no_barrier_also_with_a_mistake(
    browser: Browser, live_server: LiveServer, people: Cast, size: Any
) -> None:
    for who in (people.patient.user, people.helper.user):
        with phone(browser, live_server.url, who, viewport=size) as page:
            page.goto(PAGE)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert of_a_patient(page) == []
            page.locator("label", has_text="On this phone, as a note on the screen").click()
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_text("Add this phone first").first).to_be_visible()
            expect(page.get_by_label("On this phone, as a note on the screen")).to_be_checked()
            page.locator("summary").click()
            expect(page.get_by_role("button", name="Yes, stop the reminders")).to_be_visible()
            assert of_a_patient(page) == []


def test_a_phone_is_added_by_one_tap_beside_the_worker_of_the_log(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    theirs = Subscriber("http://127.0.0.1:9/push/phone")
    with phone(browser, live_server.url, people.patient.user) as page:
        page.context.grant_permissions(["notifications"], origin=live_server.url)
        page.goto(PAGE)
        page.evaluate(SUBSCRIBE, {"endpoint": theirs.endpoint, "keys": theirs.keys})
        page.get_by_role("button", name="Show notes on this phone").click()
        expect(page.get_by_text("Notes come to this phone from now on.")).to_be_visible()
        assert "/my/reminders/push/" in page.evaluate(SCOPES)
        expect(page.get_by_role("button", name="Send me a test")).to_be_visible()
        expect(page.get_by_label("On this phone, as a note on the screen")).to_be_checked()
        assert of_a_patient(page) == []
    assert ContactMethod.objects.get(kind="push").user == people.patient.user
    assert Patient.all_clinics.get(pk=people.patient.pk).note_ways == ["push"]
