"""The log in a real browser: taps, reveals without a script, and what an emergency looks like."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.models import Patient
from recovery.models import DailyLog
from tests.browser.phone import at, normal_day, phone, send, tap, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.mark.parametrize("script", [True, False])
def test_a_normal_day_is_thirteen_taps_and_send(
    browser: Browser, live_server: LiveServer, people: Cast, script: bool
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=script) as page:
        page.goto("/today/")
        page.get_by_role("link", name="How are you today?").click()
        page.wait_for_url("**/log/")
        assert normal_day(page) == 13
        send(page)
        expect(page.get_by_text("No warning signs in this log.")).to_be_visible()
    assert DailyLog.objects.get().assessment.tier == "on_track"


def test_a_question_appears_after_the_answer_that_calls_for_it_without_a_script(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=False) as page:
        page.goto("/log/")
        where = page.locator("#div_id_numb_where")
        expect(where).to_be_hidden()
        tap(page, "numb", "yes")
        expect(where).to_be_visible()
        tap(page, "numb_where", "legs")
        tap(page, "numb", "yes")
        expect(where, "what holds an answer stays").to_be_visible()
        expect(page.locator("#div_id_site_pain_change")).to_be_hidden()
        tap(page, "pain_site", 4)
        expect(page.locator("#div_id_site_pain_change")).to_be_visible()


def test_an_emergency_answer_shows_911_at_once_without_a_script(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=False) as page:
        page.goto("/log/")
        panel = page.locator("#panel-911")
        expect(panel).to_be_hidden()
        tap(page, "em_chest_pain", "yes")
        expect(panel).to_be_visible()
        call = panel.get_by_role("link", name="Call 911")
        assert call.get_attribute("href") == "tel:911"
        box = call.bounding_box()
        assert box
        assert box["height"] >= 64
        panel.get_by_role("button", name="Send this to my clinic now").click()
        expect(page.get_by_role("heading", name="Call 911 now")).to_be_visible()
    assert DailyLog.objects.get().partial


def test_an_emergency_answer_tells_the_clinic_at_once_and_fills_the_screen(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        at(page, "#div_id_em_breath .tile-open").click()
        expect(page.get_by_role("alertdialog")).to_be_hidden()
        tap(page, "em_breath", "some")
        expect(page.get_by_role("alertdialog", name="Call 911 now")).to_be_visible()
        assert page.evaluate("document.activeElement.id") == "dialog-911-title"
        expect(page.get_by_text("Your clinic has your answers.")).to_be_visible()
        part = DailyLog.objects.get()
        assert (part.partial, Alert.objects.get().tier) == (True, "call_911")
        page.get_by_role("button", name="Go back to my log").click()
        for name, value in (("nerve_gate", "none"), ("site_gate", "none"), ("fever_feel", "no")):
            tap(page, name, value)
        tap(page, "pain_move", 3)
        tap(page, "back_change", "same")
        send(page)
        expect(page.locator("#phone-advice").get_by_role("heading", name="Call 911 now")).to_be_visible()
        expect(page.get_by_text("Your clinic has this log now.")).to_be_visible()
    whole = DailyLog.objects.get(partial=False)
    assert whole.supersedes == part


def test_signs_that_mean_911_only_together_show_it_at_once(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        tap(page, "em_gate", "none")
        tap(page, "nerve_gate", "some")
        tap(page, "weak", "yes")
        at(page, "#div_id_bladder .tile-open").click()
        expect(page.get_by_role("alertdialog")).to_be_hidden()
        tap(page, "bladder", "leak")
        expect(page.get_by_role("alertdialog", name="Call 911 now")).to_be_visible()


def test_911_shows_without_any_network(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        page.context.set_offline(True)
        tap(page, "em_feels_emergency", "yes")
        expect(page.get_by_role("alertdialog", name="Call 911 now")).to_be_visible()
        expect(page.get_by_text("Your clinic does not have this yet. Do not wait: call 911.")).to_be_visible()


def test_a_leg_on_file_that_was_so_before_is_no_emergency(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    people.procedure.baseline_symptoms = ["leg_paralysis"]
    people.procedure.save()
    with phone(browser, live_server.url, user_of(people.patient), java_script_enabled=False) as page:
        page.goto("/log/")
        at(page, "#div_id_em_leg_move .tile-open").click()
        tap(page, "em_leg_move", "one_cannot")
        expect(page.locator("#panel-911")).to_be_visible()
        tap(page, "em_leg_move_change", "same_as_before")
        expect(page.locator("#panel-911")).to_be_hidden()


def test_an_error_is_listed_first_and_leads_to_its_question(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        tap(page, "em_gate", "none")
        at(page, "#id_temp_value").fill("98,6")
        send(page)
        assert page.title().startswith("Error: ")
        assert page.evaluate("document.activeElement.id") == "error-summary"
        assert page.locator("#id_temp_value").input_value() == "98,6"
        assert page.locator("[name=em_gate][value=none]").is_checked()
        page.get_by_role("link", name="Please answer: How is your back pain since your last log?").click()
        expect(page.locator("#div_id_back_change")).to_be_in_viewport()
    assert Patient.all_clinics.get(pk=people.patient.pk).last_log_at is None


def test_tylenol_is_added_up_while_typing(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        tap(page, "pain_meds", "acetaminophen")
        at(page, "#id_apap_mg_acetaminophen").fill("500")
        at(page, "#id_apap_pills_acetaminophen").fill("6")
        assert page.locator("#id_apap_total_mg").input_value() == "3000"


def test_the_whole_log_works_from_the_keyboard(browser: Browser, live_server: LiveServer, people: Cast) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.goto("/log/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.locator("#acts .answer").press("Enter")
        assert page.evaluate("document.activeElement.id") == "part-2-title"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "numb"
        at(page, "[name=pain_site][value='0']").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("[name=pain_site][value='1']").is_checked()
        page.locator("[name=site_pain_change] >> nth=1").focus()
        page.keyboard.press("Space")
        expect(page.locator("#where"), "only a tap leads on").to_have_text("Step 6 of 10")


def test_how_long_each_part_was_looked_at_goes_with_the_log(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, user_of(people.patient)) as page:
        page.clock.install()
        page.goto("/log/")
        page.clock.fast_forward(1500)
        normal_day(page)
        send(page)
        to_advice(page)
    answers = DailyLog.objects.get().answers
    assert answers["door"] == "app"
    assert 1 <= answers["step_seconds"]["part_1"] < 60
