"""Calendar, trip, hand-over and emergency card on a phone and a large screen; the question about a trip."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from patients.models import Caregiver, Patient, Procedure, Travel
from patients.services.calendars import make_address
from patients.services.travel import begin_travel
from recovery.journey.turns import hand_over
from recovery.phone.offline import service_worker
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import ready, until
from tests.browser.phone import SIZE, phone, tap
from tests.patients.pages import just_shown, signed_in
from tests.people import Cast, cast, make_helper
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {"390": SIZE, "1280": {"width": 1280, "height": 800}}
HOME = "America/Chicago"


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = cast()
    Patient.all_clinics.filter(pk=found.patient.pk).update(timezone=HOME)
    record = {"blood_thinner_continued": True, "blood_thinner_name": "apixaban 5 mg", "allergies": "Contrast dye"}
    Procedure.objects.filter(pk=found.procedure.pk).update(**record, surgeon="Dr. Ada Chen")
    return found


def seen(page: Page, path: str) -> None:
    """The page has no barrier, and is not wider than the screen."""
    page.goto(path)
    assert violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("size", SIZES)
def test_a_patients_pages_have_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, size: str
) -> None:
    now, user = timezone.now(), user_of(people.patient)
    with phone(browser, live_server.url, user, viewport=SIZES[size]) as page:
        for path in ("/card/", "/help/", "/my/calendar/", "/my/travel/"):
            seen(page, path)
        make_address(patient=people.patient, user=user, in_words=False, now=now)
        away = {"zone": "America/Denver", "due_at": now + timedelta(days=3)}
        begin_travel(patient=people.patient, actor=user, now=now, **away)
        for path in ("/my/calendar/", "/my/travel/", "/today/"):
            seen(page, path)
        page.goto("/my/travel/")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Pick a city with the same time as where you are.").first).to_be_visible()
        assert violations(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_a_new_calendar_address_is_shown_and_can_be_tapped(
    browser: Browser, live_server: LiveServer, people: Cast, size: str
) -> None:
    client = just_shown(signed_in(people.patient))
    key = str(client.session.session_key)
    with phone(browser, live_server.url, None, viewport=SIZES[size]) as page:
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page.goto("/my/calendar/")
        page.get_by_role("button", name="Make my calendar address").click()
        expect(page.get_by_role("link", name="Add to my calendar")).to_have_attribute(
            "href", re.compile("^webcal://")
        )
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_a_helpers_pages_have_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, size: str
) -> None:
    now, hilda = timezone.now(), people.helper
    Caregiver.objects.filter(pk=hilda.pk).update(may_be_alerted=True, relationship="Hilda, daughter")
    with phone(browser, live_server.url, hilda.user, viewport=SIZES[size]) as page:
        seen(page, "/my/turn/")
        ben = make_helper(people.patient, may_be_alerted=True, relationship="Ben, brother")
        seen(page, "/my/turn/")
        page.get_by_role("button", name="Hand over").click()
        expect(page.get_by_text("Enter the last day.").first).to_be_visible()
        assert violations(page) == []
        hand_over(giver=hilda, taker_id=ben.pk, due_at=now + timedelta(days=2), actor=hilda.user, now=now)
        seen(page, "/my/turn/")
    with phone(browser, live_server.url, user_of(people.patient), viewport=SIZES[size]) as page:
        seen(page, "/my/helpers/")
        expect(page.get_by_text("Who gets the notes instead: Ben, brother.")).to_be_visible()


def test_a_phone_in_another_zone_asks_and_sends_nothing_by_itself(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), timezone_id="America/Denver") as page:
        page.goto("/today/")
        question = page.locator("#travel-ask")
        expect(question).to_be_visible()
        assert violations(page) == []
        assert not Travel.objects.exists()
        question.get_by_role("link", name="Set where I am").click()
        expect(page.get_by_label("Where you are")).to_have_value("America/Denver")
        page.get_by_label("Last day there").fill((timezone.now() + timedelta(days=3)).date().isoformat())
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your reminders go by the clocks of Denver")).to_be_visible()
        expect(page.locator("#travel-ask")).to_be_hidden()
        assert Patient.all_clinics.get(pk=people.patient.pk).timezone == "America/Denver"


@pytest.mark.parametrize("zone", [HOME, "America/Indiana/Knox", "UTC"])
def test_a_phone_that_shows_the_same_time_does_not_ask(
    browser: Browser, live_server: LiveServer, people: Cast, zone: str
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), timezone_id=zone) as page:
        page.goto("/today/", wait_until="networkidle")
        expect(page.locator("#travel-ask")).to_be_hidden()


def test_whoever_leaves_it_as_it_is_is_not_asked_again(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), timezone_id="America/Denver") as page:
        page.goto("/today/")
        page.get_by_role("button", name="Leave it as it is").click()
        page.goto("/today/", wait_until="networkidle")
        expect(page.locator("#travel-ask")).to_be_hidden()


def test_a_new_worker_leaves_a_half_filled_log_alone(
    browser: Browser, live_server: LiveServer, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        ready(page)
        page.goto("/log/")
        tap(page, "em_gate", "none")
        page.evaluate("window.sameAsBefore = true")
        monkeypatch.setattr(service_worker, "version", lambda *language: "a-newer-one")
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
        until(page, "async () => (await caches.keys()).includes('kypho-files-a-newer-one')")
        until(
            page, "async () => (await caches.keys()).filter((one) => one.startsWith('kypho-files-')).length === 1"
        )
        assert page.evaluate("window.sameAsBefore") is True
        assert page.locator("[name=em_gate][value=none]").is_checked()
