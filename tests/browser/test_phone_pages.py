"""Every page a patient sees: readable by everyone, in reach of a thumb, on a small screen and a large one."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.models import Patient
from recovery.journey import actions
from tests.browser.barriers import of_a_patient as violations
from tests.browser.phone import phone, send, tap
from tests.people import Cast, cast
from tests.recovery.conftest import BREATHLESS, CALM, NUMB
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("/today/", "/log/", "/plan/", "/history/", "/help/")


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


def log_now(people: Cast, **changes: object) -> None:
    client = Client()
    client.force_login(user_of(people.patient))
    client.post("/log/", {**CALM, **changes})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier(browser: Browser, live_server: LiveServer, people: Cast, path: str) -> None:
    log_now(people, **NUMB)
    log_now(people, pain_move=5)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto(path)
        assert violations(page) == []


@pytest.mark.parametrize("answers", [CALM, NUMB, BREATHLESS, {"notes": "my foot is numb"}], ids=str)
def test_no_advice_has_a_barrier(
    browser: Browser, live_server: LiveServer, people: Cast, answers: dict[str, object]
) -> None:
    log_now(people, **answers)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/history/")
        page.locator(".history summary").first.click()
        page.get_by_role("link", name="See all of this advice").first.click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_errors_the_911_panel_and_signed_out_have_no_barrier(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=True) as page:
        page.goto("/log/")
        send(page)
        assert violations(page) == []
        tap(page, "em_chest_pain", "yes")
        expect(page.get_by_text("Your clinic has your answers.")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Go back to my log").click()
        assert violations(page) == []
        page.context.clear_cookies(name="sessionid")
        page.evaluate("document.getElementById('log-form').submit()")
        expect(page.get_by_text("Your answers are still here.")).to_be_visible()
        assert violations(page) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (195, 422), (320, 568), (1280, 800)])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, live_server: LiveServer, people: Cast, width: int, height: int
) -> None:
    log_now(people, **NUMB, pain_meds=["acetaminophen"])
    with phone(
        browser, live_server.url, user_of(people.patient), viewport={"width": width, "height": height}
    ) as page:
        for path in PAGES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("path", PAGES)
def test_everything_to_tap_is_large_and_every_word_is(
    browser: Browser, live_server: LiveServer, people: Cast, path: str
) -> None:
    log_now(people, **NUMB)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto(path)
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate(SMALL_WORDS) == []


SMALL_TARGETS = """() =>
  [...document.querySelectorAll('a, button, summary, .tile, input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.matches('.skip, .tile input'))
  .filter(e => e.getBoundingClientRect().height < 48)
  .map(e => e.outerHTML.slice(0, 120))"""
SMALL_WORDS = """() => [...document.querySelectorAll('body *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.checkVisibility())
  .filter(e => !e.closest('svg, script, noscript') && parseFloat(getComputedStyle(e).fontSize) < 19)
  .map(e => e.outerHTML.slice(0, 120))"""


def test_the_advice_shows_by_itself_that_the_nurse_has_seen_it(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    log_now(people, **NUMB)
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/today/")
        expect(page.get_by_text("nurse on call")).to_be_visible()
        actions.acknowledge(staff=people.nurse, code=Alert.objects.get().code, now=timezone.now())
        expect(page.get_by_text("Seen by your nurse Nora at")).to_be_visible(timeout=15_000)


PARTS = """() => [...document.querySelectorAll('main > *, footer > *')]
  .map((one) => `${one.innerText.split('\\n')[0].slice(0, 30)}: ${Math.round(one.offsetHeight)}`)"""


def test_today_on_a_calm_day_is_two_screens_and_answers_first(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    """Also with the question about the number, a note that nobody has read, and numbers for day and night."""
    people.clinic.after_hours_phone = "+13125550199"
    people.clinic.save()
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone="+13125550177")
    log_now(people, pain_move=4)
    log_now(people, notes="It is quiet here.")
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/today/")
        expect(page.get_by_role("heading", name="Is this still your number?")).to_be_visible()
        expect(page.get_by_text("No one has read your note yet.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollHeight") <= 2 * 844, page.evaluate(PARTS)
        expect(page.locator(".log-state")).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("link", name="How are you today?")).to_be_in_viewport(ratio=1)
