"""The promises of the phone once more, in WebKit, which every iPhone has: Debian's, driven by Selenium."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from patients.models import Session
from recovery.models import DailyLog
from recovery.phone.offline import service_worker
from tests.browser.offline import KEPT
from tests.browser.phone import REACH, session_of
from tests.browser.signal import IN_BETWEEN, Signal
from tests.people import Cast, cast
from tests.recovery.conftest import CALM
from tests.recovery.phone import user_of
from tests.waiting import until
from tests.webkit import DRIVER, NOT_FOUND, SCREEN, has_webkit, small_browser

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser,
    pytest.mark.skipif(not has_webkit(), reason=NOT_FOUND),
]
NUMB = {"numb": "yes", "numb_where": "legs", "numb_change": "new"}
SECONDS = 20
WAITS = "NOT yet received by the clinic"


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """A screen nobody sees; X names the first free one."""
    read, write = os.pipe()
    command = [
        str(shutil.which(SCREEN)),
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "500x900x24",
        "-nolisten",
        "tcp",
    ]
    process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        yield f":{told.readline().strip()}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def webkit(screen: str) -> Iterator[WebKitGTK]:
    """One browser for all: each test comes from another address, so nothing kept is seen by the next."""
    options = Options()
    options.binary_location = str(small_browser())
    options.add_argument("--automation")
    driver = WebKitGTK(
        options=options, service=Service(shutil.which(DRIVER), env={**os.environ, "DISPLAY": screen})
    )
    driver.set_script_timeout(SECONDS)
    driver.set_window_size(390, 844)
    yield driver
    driver.quit()


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast()


@pytest.fixture
def signal(live_server: LiveServer) -> Iterator[Signal]:
    made = Signal(live_server.url)
    yield made
    made.close()


class Phone:
    """The patient's phone, signed in."""

    def __init__(self, driver: WebKitGTK, signal: Signal) -> None:
        self.driver, self.signal = driver, signal

    def sign_in(self, key: str) -> None:
        self.driver.get(f"{self.signal.url}/offline/")
        self.driver.delete_all_cookies()
        self.driver.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": key, "path": "/"})

    def open(self, path: str) -> None:
        self.driver.get(self.signal.url + path)

    def ask(self, question: str, *given: Any) -> Any:
        """The answer of an asynchronous function in the page."""
        script = (
            f"const done = arguments[arguments.length - 1];"
            f"({question})(...[...arguments].slice(0, -1)).then(done, (e) => done(String(e)));"
        )
        return self.driver.execute_async_script(script, *given)

    def tap(self, name: str, value: str) -> None:
        found = self.driver.find_elements(By.CSS_SELECTOR, f'[name="{name}"][value="{value}"]')
        if value == "some" and not found:
            return  # on a phone the signs themselves are the answer
        self.ask(REACH, found[0])
        if found[0].find_elements(By.XPATH, "ancestor::*[@data-leads][@hidden]"):
            self._click("#acts .answer")
        else:
            self._click(f'.tile:has([name="{name}"][value="{value}"])')

    def fill(self, **changes: str) -> None:
        """A normal day with some answers changed."""
        for name, value in {**CALM, **changes}.items():
            for one in value if isinstance(value, list) else [value]:
                self.tap(name, str(one))

    def send(self) -> None:
        self.driver.execute_script("location.hash = [...document.querySelectorAll('.step')].pop().id")
        until(self.driver.find_elements(By.CSS_SELECTOR, ".step")[-1].is_displayed)
        self._click("#log-form [type=submit]")

    def reads(self, words: str) -> None:
        """Wait for these words."""
        until(lambda: words in self.driver.find_element(By.TAG_NAME, "body").text, SECONDS)

    def _click(self, selector: str) -> None:
        shown = until(
            lambda: [e for e in self.driver.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()]
        )
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", shown[0])
        shown[0].click()


@pytest.fixture
def phone(webkit: WebKitGTK, signal: Signal, people: Cast) -> Phone:
    """Today was opened once with a signal: the worker runs, the pages and facts are kept."""
    made = Phone(webkit, signal)
    made.sign_in(session_of(user_of(people.patient)))
    made.open("/today/")
    until(lambda: made.ask(KEPT) is True, SECONDS)
    return made


def test_a_log_by_steps_is_answered(phone: Phone) -> None:
    phone.open("/log/")
    phone.fill()
    phone.send()
    until(lambda: phone.driver.current_url.endswith("/advice/"), SECONDS)
    phone.reads("No warning sign")
    assert DailyLog.objects.get().assessment.tier == "on_track"


def test_an_urgent_log_with_no_signal_is_judged_here_kept_and_arrives_once(phone: Phone) -> None:
    phone.signal.set("off")
    phone.open("/log/")
    phone.fill(nerve_gate="some", **NUMB)
    phone.send()
    phone.reads("Call your doctor now")
    phone.reads(WAITS)
    phone.open("/today/")
    phone.reads("This is what we knew at")
    assert not DailyLog.objects.exists()
    phone.signal.set("on")
    phone.open("/today/")
    until(DailyLog.objects.exists, SECONDS)
    until(lambda: DailyLog.objects.filter(assessment__isnull=False).exists(), SECONDS)
    log = DailyLog.objects.get()
    assert (log.assessment.tier, log.phone_tier) == ("call_doctor_now", "call_doctor_now")
    assert DailyLog.objects.count() == 1


@pytest.mark.parametrize("state", IN_BETWEEN)
def test_what_answers_in_the_clinics_place_is_not_believed(phone: Phone, state: str) -> None:
    phone.open("/log/")
    phone.fill(nerve_gate="some", **NUMB)
    phone.signal.set(state)
    phone.send()
    phone.reads("Call your doctor now")
    phone.reads(WAITS)
    phone.signal.set("on")
    phone.open("/today/")
    until(DailyLog.objects.exists, SECONDS)
    assert DailyLog.objects.count() == 1


def test_a_log_whose_session_is_over_is_not_lost(phone: Phone) -> None:
    phone.open("/log/")
    phone.fill(nerve_gate="some", **NUMB)
    Session.objects.all().delete()
    phone.send()
    phone.reads("Call your doctor now")
    until(DailyLog.objects.exists, SECONDS)
    assert DailyLog.objects.count() == 1


# From now on the phone's clock is wrong by so many days.
WRONG_CLOCK = """const off = arguments[0] * 86400000, Right = Date;
globalThis.Date = class extends Right {
  constructor(...given) { given.length ? super(...given) : super(Right.now() + off); }
  static now() { return Right.now() + off; }
};"""
FULL = """for (const name of ['put', 'add'])
  IDBObjectStore.prototype[name] = () => { throw new DOMException('full', 'QuotaExceededError'); };"""


@pytest.mark.parametrize(("days", "suspect"), [(1, True), (-1, False)], ids=["ahead", "behind"])
def test_a_clock_wrong_by_a_day_hides_no_urgent_log(phone: Phone, days: int, suspect: bool) -> None:
    phone.open("/log/")
    phone.driver.execute_script(WRONG_CLOCK, days)
    phone.fill(nerve_gate="some", **NUMB)
    phone.send()
    phone.reads("Call your doctor now")
    until(lambda: DailyLog.objects.filter(assessment__isnull=False).exists(), SECONDS)
    log = DailyLog.objects.get()
    assert (log.assessment.tier, log.clock_suspect) == ("call_doctor_now", suspect)
    assert log.assessment.alert is not None


def test_a_full_phone_says_that_it_keeps_nothing_and_sends_all_the_same(phone: Phone) -> None:
    phone.open("/log/")
    phone.driver.execute_script(FULL)
    phone.signal.set("off")
    phone.fill(nerve_gate="some", **NUMB)
    phone.send()
    phone.reads("Call your doctor now")
    phone.reads("NOT received by the clinic, and this phone can not keep it.")
    phone.signal.set("on")
    phone.driver.execute_script("window.dispatchEvent(new Event('online'))")
    until(lambda: DailyLog.objects.filter(assessment__isnull=False).exists(), SECONDS)
    assert DailyLog.objects.get().assessment.tier == "call_doctor_now"


def test_a_new_worker_leaves_a_half_filled_log_alone(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    phone.open("/log/")
    phone.tap("em_gate", "none")
    phone.driver.execute_script("window.sameAsBefore = true")
    monkeypatch.setattr(service_worker, "version", lambda *language: "a-newer-one")
    phone.ask("async () => { await (await navigator.serviceWorker.getRegistration()).update(); }")
    files = "async () => (await caches.keys()).filter((one) => one.startsWith('kypho-files-')).join()"
    until(lambda: phone.ask(files) == "kypho-files-a-newer-one", SECONDS)
    kept = "return window.sameAsBefore && document.querySelector('[name=em_gate][value=none]').checked"
    assert phone.driver.execute_script(kept) is True


def test_two_open_pages_that_both_send_make_one_log(phone: Phone) -> None:
    phone.signal.set("off")
    phone.open("/log/")
    phone.fill()
    phone.send()
    phone.reads(WAITS)
    first = phone.driver.current_window_handle
    phone.driver.switch_to.new_window("tab")
    phone.signal.set("on")
    phone.open("/today/")
    phone.driver.execute_script("window.dispatchEvent(new Event('online'))")
    until(DailyLog.objects.exists, SECONDS)
    phone.driver.close()
    phone.driver.switch_to.window(first)
    phone.open("/today/")
    phone.reads("No warning signs in your last log")
    assert DailyLog.objects.count() == 1


def test_what_one_patient_told_arrives_as_theirs_while_another_is_signed_in(phone: Phone, people: Cast) -> None:
    phone.signal.set("off")
    phone.open("/log/")
    phone.fill(nerve_gate="some", **NUMB)
    phone.send()
    phone.reads(WAITS)
    phone.signal.set("on")
    phone.sign_in(session_of(user_of(people.other_patient)))
    phone.open("/today/")
    until(DailyLog.objects.exists, SECONDS)
    assert DailyLog.objects.get().procedure.patient == people.patient
    assert "Call your doctor now" not in phone.driver.find_element(By.TAG_NAME, "body").text
