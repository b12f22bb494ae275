"""Signing in and the nurse's pages: without a barrier, on a desk, on a phone and at 200 %."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from recovery.journey import actions
from tests.browser.desk import DESK, PHONE, ZOOMED, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [DESK, PHONE, ZOOMED]
LOOKS = [*((size, "light") for size in SIZES), (DESK, "dark")]


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    """A clinic with an emergency, a taken alert, a calm patient, and one without a log."""
    settings.STAFF_SECOND_FACTOR = False
    cache.clear()
    found = cast()
    log_now(found.patient, found.procedure)
    log_now(found.patient, found.procedure, **NUMB, pain_move=5)
    actions.record_try(staff=found.nurse, code=Alert.objects.get().code, note="", now=timezone.now())
    stiff = {"back_stiff": "new_or_worse"}
    for name, answers in (("Breathless", BREATHLESS), ("Calm", {}), ("Stiff", stiff), ("New", None)):
        patient = make_patient(found.clinic, name)
        procedure = make_procedure(patient)
        if answers is not None:
            log_now(patient, procedure, **answers)
    return found


def snoozable(people: Cast) -> list[str]:
    """The watch items' addresses."""
    codes = Alert.objects.filter(clinic=people.clinic, tier="watch").values_list("code", flat=True)
    return [f"/desk/alerts/{code}/" for code in codes]


def pages(people: Cast) -> list[str]:
    alert = Alert.objects.get(patient=people.patient)
    about, acts = f"/desk/patients/{people.patient.code}/", f"/desk/alerts/{alert.code}/"
    return [
        *("/desk/", "/desk/enroll/", "/desk/patients/", about, f"{about}card/", f"{about}plan/visit/"),
        *(f"{acts}snooze/" for acts in snoozable(people)),
        *("/desk/figures/", "/desk/figures/people/?of=alerts"),
        *(f"{acts}contact/", f"{acts}resolve/", f"{acts}hand-over/"),
    ]


@pytest.mark.parametrize(("size", "colors"), LOOKS, ids=["desk", "phone", "zoomed", "dark"])
def test_no_page_of_the_desk_has_a_barrier_or_is_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int], colors: Any
) -> None:
    found = {}
    with phone(browser, live_server.url, people.nurse.user, viewport=size, color_scheme=colors) as page:
        for path in pages(people):
            page.goto(path)
            page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
            found[path] = (violations(page), too_wide(page))
    assert {path: result for path, result in found.items() if result != ([], 0)} == {}


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone", "zoomed"])
def test_no_page_for_signing_in_has_a_barrier_or_is_too_wide(
    browser: Browser, live_server: LiveServer, people: Cast, size: dict[str, int]
) -> None:
    found = {}
    paths = ["/accounts/login/", "/accounts/login/?staff=1", "/sign-in/code/", "/accounts/password/reset/"]
    paths += [f"/hello/{people.patient.card_token}/", "/hello/00000000-0000-4000-8000-000000000000/"]
    with phone(browser, live_server.url, None, viewport=size) as page:
        for path in paths:
            page.goto(path)
            found[path] = (violations(page), too_wide(page))
    with phone(browser, live_server.url, people.nurse.user, viewport=size) as page:
        for path in ("/accounts/2fa/", "/accounts/sessions/", "/accounts/2fa/totp/activate/"):
            page.goto(path)
            found[path] = (violations(page), too_wide(page))
    assert {path: result for path, result in found.items() if result != ([], 0)} == {}


def test_errors_have_no_barrier_and_one_summary_that_leads_to_the_question(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto("/desk/enroll/")
        page.get_by_role("button", name="Enroll and show the card").click()
        expect(page.locator(".error-summary")).to_have_count(1)
        assert page.title().startswith("Error: ")
        assert violations(page) == []
        page.locator(".error-summary a").first.click()
        assert page.url.endswith("#div_id_first_name")


def test_every_form_with_an_error_shows_one_summary(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        for path, button in zip(
            pages(people)[-3:], ("Record this contact", "Close the alert", "Hand it over"), strict=True
        ):
            page.goto(path)
            page.get_by_role("button", name=button).click()
            expect(page.locator(".error-summary")).to_have_count(1)
            assert violations(page) == []


def test_the_printed_card_is_large_and_carries_only_itself(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto(f"/desk/patients/{people.patient.code}/card/")
        page.emulate_media(media="print")
        expect(page.locator(".top")).to_be_hidden()
        expect(page.locator(".no-print")).to_be_hidden()
        expect(page.locator(".qr")).to_be_visible()
        assert smallest(page, ".sign-in-card:not(.emergency-card)") >= 24  # 18 pt, for the patient
        assert smallest(page, ".emergency-card") >= 18  # 13.5 pt, for emergency staff


def smallest(page: Page, card: str) -> float:
    """The smallest letters of a card, in CSS pixels."""
    words = f"[...document.querySelectorAll('{card} p, {card} li, {card} dd')]"
    return float(page.evaluate(f"Math.min(...{words}.map(one => parseFloat(getComputedStyle(one).fontSize)))"))


def test_enrolment_takes_eight_entries(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    yesterday = timezone.now().astimezone(ZoneInfo(people.clinic.timezone)) - timedelta(days=1)
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.goto("/desk/enroll/")
        page.get_by_label("First name").fill("Ines")
        page.get_by_label("Last name").fill("Nunez")
        page.get_by_label("Birth date").fill("1948-05-06")
        page.get_by_label("Mobile phone").fill("(312) 555-0166")
        page.get_by_label("When the procedure ended").fill(f"{yesterday:%Y-%m-%dT%H:%M}")
        page.get_by_text("T12", exact=True).click()
        page.get_by_text("The patient agreed to messages by SMS and e-mail").click()
        page.get_by_role("button", name="Enroll and show the card").press("Enter")
        expect(page.get_by_role("heading", name="Sign-in card of Ines Nunez")).to_be_visible()
