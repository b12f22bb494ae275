"""The phone's own judgement: fast on an old phone, and a warning sign in a note is asked about at once."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recovery.models import DailyLog
from recovery.phone.offline.service_worker import FILES
from tests.browser.barriers import of_a_patient as violations
from tests.browser.offline import fill, press_send, ready
from tests.browser.phone import at, phone, tap, to_advice
from tests.people import Cast, cast
from tests.recovery.phone import user_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
LOOKED_AT_MS = 1000  # words are looked at a moment after the last letter
SLOWER, MOST_MS = 6, 50
EVALUATE = """async (about) => {
  const { verdictOf } = await import('/static/js/phone_verdict.js');
  const { readAnswers } = await import('/static/js/answers.js');
  const { knownFacts } = await import('/static/js/own_facts.js');
  const facts = await knownFacts(about);
  const form = document.getElementById('log-form');
  const past = (n) => ({ hours: n / 2, log: { pain_move: n % 10, pain_rest: 1, mood: 'ok' } });
  facts.history = Array.from({ length: 60 }, (_, n) => past(n));
  const notes = 'A bit numb, but no chest pain. '.repeat(30);
  const took = [];
  for (let n = 0; n < 15; n += 1) {
    const began = performance.now();
    const { answers } = readAnswers(new FormData(form));
    const verdict = verdictOf(facts, [], { ...answers, notes }, Date.now());
    took.push(performance.now() - began);
    if (verdict.tier !== 'call_doctor_now') throw new Error(verdict.tier);
  }
  return took.sort((a, b) => a - b)[7];
}"""


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, people: Cast) -> Iterator[Page]:
    with phone(browser, live_server.url, user_of(people.patient)) as found:
        ready(found)
        found.goto("/log/")
        yield found


def test_the_whole_evaluation_takes_less_than_50_ms_on_a_phone_six_times_slower(page: Page, people: Cast) -> None:
    fill(page, nerve_gate="some", numb="yes", numb_where="legs", numb_change="new")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    assert page.evaluate(EVALUATE, str(people.patient.code)) < MOST_MS


def test_a_warning_sign_in_the_note_is_asked_about_on_the_spot(page: Page) -> None:
    question = page.get_by_role("group", name="You wrote about numb or tingling skin. Do you have it now?")
    fill(page)
    page.clock.install()
    at(page, "#id_notes").fill("No chest pain, slept well.")
    page.clock.fast_forward(LOOKED_AT_MS)
    expect(question).to_be_hidden()
    at(page, "#id_notes").fill("My foot feels numb today.")
    page.clock.fast_forward(LOOKED_AT_MS)
    expect(question).to_be_visible()
    expect(page.locator("#note-confirm-said")).to_contain_text("Do you have it now?")
    assert violations(page) == []
    tap(page, "notes_confirm", "not_now")
    expect(question).to_be_visible()
    press_send(page)
    to_advice(page)
    answers = DailyLog.objects.get().answers
    assert (answers["notes_confirm"], answers["notes_asked"]) == ("not_now", ["numb"])


def test_an_answer_about_one_sign_does_not_clear_another_that_is_written_later(page: Page) -> None:
    fill(page)
    at(page, "#id_notes").fill("My foot feels numb today.")
    tap(page, "notes_confirm", "not_now")
    at(page, "#id_question_for_team").fill("and is chest pain all day a bad thing, I have it")
    expect(page.locator("#note-confirm-said")).to_contain_text(
        "pain or pressure in the chest; numb or tingling skin"
    )
    assert page.locator('[name="notes_confirm"]:checked').count() == 0
    tap(page, "notes_confirm", "not_now")
    press_send(page)
    to_advice(page)
    assert set(DailyLog.objects.get().answers["notes_asked"]) == {"chest", "numb"}


def test_a_danger_sign_in_the_note_that_is_there_now_calls_911_before_anything_else(page: Page) -> None:
    at(page, "#id_notes").fill("I have chest pain")
    expect(page.locator("#note-confirm")).to_be_visible()
    tap(page, "notes_confirm", "yes_now")
    expect(page.get_by_role("alertdialog", name="Call 911 now")).to_be_visible()
    expect(page.get_by_text("Your clinic has your answers.")).to_be_visible()
    assert DailyLog.objects.get(partial=True).assessment.tier == "call_911"


def test_the_worker_keeps_everything_the_log_and_the_offline_page_ask_for(page: Page) -> None:
    known = {staticfiles_storage.url(name) for name in FILES}
    for address in ("/log/shell/", "/offline/"):
        text = page.evaluate("async (at) => (await fetch(at)).text()", address)
        assert set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text)) <= known, address
    asked = page.evaluate("performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname)")
    assert {name for name in asked if name.startswith("/static/")} <= known


def test_what_is_wrong_is_said_here_and_an_urgent_part_of_it_is_told_all_the_same(page: Page) -> None:
    tap(page, "nerve_gate", "some")
    tap(page, "numb", "yes")
    at(page, "#id_temp_value").fill("warm")
    press_send(page)
    expect(page.locator("#so-far h2")).to_be_focused()
    expect(page.locator("#so-far h2")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Type only a number, like 98.6.")).to_be_visible()
    assert violations(page) == []
    expect(page.locator("#id_temp_value")).to_have_value("warm")
    part = until(DailyLog.objects.filter(assessment__isnull=False).first, page=page)
    assert part
    assert (part.partial, part.assessment.tier) == (True, "call_doctor_now")
