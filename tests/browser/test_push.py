"""A nurse adds her browser, a push wakes its worker, a tap opens the alert. The push service itself needs a
network: in its place the browser is asked, over its own protocol, to hand the worker a message."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from alerts.sweep import sweep
from patients.models import ContactMethod, Staff
from tests.alerts.subscriber import Subscriber
from tests.alerts.test_push import VAPID
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import NUMB
from tests.simulator import Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/desk/me/contacts/"
SUBSCRIBE = """(given) => { PushManager.prototype.subscribe = async function (options) {
  window.asked = { visible: options.userVisibleOnly, bytes: options.applicationServerKey.length };
  return { toJSON: () => given };
}; }"""


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR, settings.VAPID_PRIVATE_KEY = False, VAPID
    settings.OUTBOUND_LOOPBACK = True
    return cast()


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with running_simulator(tmp_path) as found:
        yield found


def worker_of(page: Page) -> tuple[Any, str]:
    """The page's worker, as the browser's own protocol names it."""
    session = page.context.new_cdp_session(page)
    found: list[Any] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(500)
    return session, next(one["registrationId"] for one in found if one["scopeURL"].endswith("/desk/"))


def test_a_browser_is_added_by_a_tap_and_its_worker_shows_a_constant_note(
    browser: Browser, live_server: LiveServer, simulator: Simulator, people: Cast
) -> None:
    theirs = Subscriber(f"{simulator.url}/push/chromium")
    alert = log_now(people.patient, people.procedure, **NUMB)
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.context.grant_permissions(["notifications"], origin=live_server.url)
        page.goto(PAGE)
        page.evaluate(SUBSCRIBE, {"endpoint": theirs.endpoint, "keys": theirs.keys})
        page.get_by_role("button", name="Use this device").click()
        expect(page.get_by_text("shows your alerts from now on")).to_be_visible()
        device = ContactMethod.objects.get(kind="push")
        assert device.label.startswith("Chrome on ")
        page.get_by_role("button", name="Send me a test on").click()
        sweep()
        note = theirs.note(next(line for line in simulator.lines("push") if "Please" in str(theirs.note(line))))
        session, registration = worker_of(page)
        note["url"] = f"/desk/alerts/{alert.code}/" if alert else "/desk/"
        push = {"origin": live_server.url, "registrationId": registration, "data": json.dumps(note)}
        session.send("ServiceWorker.deliverPushMessage", push)
        shown = page.evaluate(
            """async () => { const worker = await navigator.serviceWorker.getRegistration("/desk/");
            for (let n = 0; n < 40; n++) { const notes = await worker.getNotifications();
              if (notes.length) return notes.map((note) => [note.title, note.body, note.data.url]);
              await new Promise((resolve) => setTimeout(resolve, 100)); } return []; }"""
        )
        assert [title.startswith("Kypho Recovery") for title, _, _ in shown] == [True]
        assert shown[0][1].startswith("Please open")
        assert shown[0][2] == live_server.url + note["url"]
        assert page.evaluate("caches.keys()") == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_state_of_the_new_pages_has_a_barrier(
    browser: Browser, live_server: LiveServer, simulator: Simulator, people: Cast, size: Any
) -> None:
    found = {}
    Subscriber(f"{simulator.url}/push/a").owned_by(people.manager, last_used_at=timezone.now())
    log_now(people.patient, people.procedure, **NUMB)
    sweep()
    with phone(browser, live_server.url, people.manager.user, viewport=size) as page:

        def look(name: str) -> None:
            found[name] = (violations(page), too_wide(page))

        page.goto(PAGE)
        look("devices")
        page.goto("/desk/webhooks/")
        look("no webhook")
        page.get_by_role("button", name="Add it").click()
        look("nothing typed")
        page.get_by_role("textbox", name="What it is").fill("Pager gateway")
        page.get_by_role("textbox", name="Address").fill(f"{simulator.url}/webhook/pager")
        page.keyboard.press("Enter")
        expect(page.get_by_text("whsec_")).to_be_visible()
        look("a secret")
        page.get_by_role("button", name="Send a test").click()
        sweep()
        page.goto("/desk/deliveries/")
        look("deliveries")
        page.get_by_label("Way").select_option("webhook")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("button", name="Send once more").click()
        expect(page.get_by_text("It is sent once more")).to_be_visible()
    assert {name: result for name, result in found.items() if result != ([], 0)} == {}


def test_a_browser_that_refuses_is_told_what_to_do(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    with phone(browser, live_server.url, people.nurse.user, viewport=PHONE) as page:
        page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
        page.goto(PAGE)
        expect(page.get_by_text("are blocked in this browser")).to_be_visible()
        expect(page.get_by_role("button", name="Use this device")).to_be_hidden()
        page.add_init_script("delete window.PushManager")
        page.goto(PAGE)
        expect(page.get_by_text("cannot show messages when its page is closed")).to_be_visible()


def test_the_worklist_beeps_for_a_new_urgent_row_only_when_somebody_turned_it_on(
    browser: Browser, live_server: LiveServer, people: Cast
) -> None:
    staff: Staff = people.nurse
    with phone(browser, live_server.url, staff.user, viewport=DESK) as page:
        page.goto("/desk/")
        sound = page.locator("#sound")
        expect(sound).to_have_text("Sound off")
        sound.click()
        expect(sound).to_have_text("Sound on")
        expect(sound).to_have_attribute("data-beeps", "1")
        log_now(people.patient, people.procedure, **NUMB)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(sound).to_have_attribute("data-beeps", "2", timeout=20000)
        page.reload()  # kept on this computer; a click wakes it
        expect(sound).to_have_text("Sound on")
        assert violations(page) == []
        sound.click()
        expect(sound).to_have_text("Sound off")
