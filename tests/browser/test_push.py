"""A nurse adds her browser, a push wakes its worker, a tap opens the alert. The push service itself needs a
network: in its place the browser is asked, over its own protocol, to hand the worker a message. Nor is there a
finger: the worker gets the tap as an event."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Worker, expect
from pytest_django.live_server_helper import LiveServer

from alerts.monitoring.sweep import sweep
from patients.models import ContactMethod, Staff
from tests.alerts.subscriber import Subscriber
from tests.alerts.test_push import VAPID
from tests.browser.desk import DESK, PHONE, log_now, too_wide, violations
from tests.browser.phone import phone
from tests.people import Cast, cast
from tests.recovery.conftest import NUMB
from tests.simulator import Simulator, running_simulator
from tests.waiting import until

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


def registered(page: Page) -> str:
    """The page's worker as the browser's own protocol names it, whatever page asks for it later."""
    session = page.context.new_cdp_session(page)
    found: list[Any] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")

    def names() -> list[str]:
        return [one["registrationId"] for one in found if one["scopeURL"].endswith("/desk/")]

    return until(names, page=page)[0]


def deliver(page: Page, origin: str, registration: str, data: str) -> None:
    """What the push service does: the browser wakes the worker with this message."""
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    push = {"origin": origin, "registrationId": registration, "data": data}
    session.send("ServiceWorker.deliverPushMessage", push)


def shown(worker: Worker) -> list[list[str]]:
    """Title, words and address of every note the worker shows, once there is one."""
    notes: list[list[str]] = worker.evaluate(
        """async () => { for (let n = 0; n < 40; n++) { const notes = await self.registration.getNotifications();
            if (notes.length) return notes.map((note) => [note.title, note.body, note.data.url]);
            await new Promise((resolve) => setTimeout(resolve, 100)); } return []; }"""
    )
    return notes


def tapped(worker: Worker) -> dict[str, list[str]]:
    """Tap the note. Only a finger may open a window, so it is written down which one the worker asks for."""
    found: dict[str, list[str]] = worker.evaluate(
        """async () => {
        const asked = { opened: [], focused: [] };
        Clients.prototype.openWindow = async (url) => { asked.opened.push(url); };
        WindowClient.prototype.focus = async function () { asked.focused.push(this.url); };
        const [note] = await self.registration.getNotifications();
        const tap = new NotificationEvent("notificationclick", { notification: note });
        const work = [];
        tap.waitUntil = (promise) => work.push(promise);
        self.dispatchEvent(tap);
        await Promise.all(work);
        return { ...asked, left: (await self.registration.getNotifications()).map((one) => one.title) };
        }"""
    )
    return found


@contextmanager
def woken(browser: Browser, url: str, staff: Staff) -> Iterator[tuple[Page, str]]:
    """A nurse's browser whose worker is there and whose desk is closed: an empty page, and the worker's name."""
    with phone(browser, url, staff.user, viewport=PHONE) as page:
        page.context.grant_permissions(["notifications"], origin=url)
        page.goto(PAGE)
        page.evaluate(
            """async (address) => { await navigator.serviceWorker.register(address, { scope: "/desk/" });
            await navigator.serviceWorker.ready; }""",
            page.locator("#device-form").get_attribute("data-worker"),
        )
        name = registered(page)
        empty = page.context.new_page()
        page.close()
        yield empty, name


def test_a_browser_is_added_by_a_tap_and_its_worker_shows_a_constant_note(
    browser: Browser, live_server: LiveServer, simulator: Simulator, people: Cast
) -> None:
    theirs = Subscriber(f"{simulator.url}/push/chromium")
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
        deliver(page, live_server.url, registered(page), json.dumps(note))
        [[title, body, url]] = shown(page.context.service_workers[0])
        assert title.startswith("Kypho Recovery")
        assert body.startswith("Please open")
        assert url == live_server.url + note["url"]
        assert page.evaluate("caches.keys()") == []


def test_with_the_page_closed_a_push_is_shown_and_a_tap_opens_the_alert(
    browser: Browser, live_server: LiveServer, simulator: Simulator, people: Cast
) -> None:
    theirs = Subscriber(f"{simulator.url}/push/chromium")
    theirs.owned_by(people.nurse, last_used_at=timezone.now())
    with woken(browser, live_server.url, people.nurse) as (empty, name):
        alert = log_now(people.patient, people.procedure, **NUMB)
        assert alert
        sweep()
        note = theirs.note(simulator.lines("push")[0])  # what really left, opened with the browser's own key
        deliver(empty, live_server.url, name, json.dumps(note))
        worker = empty.context.service_workers[0]
        alert.refresh_from_db()
        [[title, body, url]] = shown(worker)
        assert title == "Kypho Recovery: someone is waiting for you"
        assert body == f"Please open ({alert.ack_code})."
        for word in ("numb", "leg", "doctor", "911", people.patient.first_name, people.patient.last_name):
            assert word.lower() not in f"{title} {body} {url}".lower().replace(str(alert.code), "").replace(
                alert.ack_code, ""
            )
        assert tapped(worker) == {"opened": [url], "focused": [], "left": []}
        empty.goto(url)
        expect(empty.get_by_role("heading", level=1)).to_have_text(people.patient.name)
        empty.get_by_role("button", name="I’ll take it").click()
        expect(empty.get_by_text("Write down the contact by").first).to_be_visible()
        assert (violations(empty), too_wide(empty)) == ([], 0)


ALERT = "/desk/alerts/00000000-0000-4000-8000-000000000000/"


@pytest.mark.parametrize(
    ("data", "opened", "focused"),
    [
        ('{"url": "https://elsewhere.example/desk/"}', [], ["/desk/"]),
        ("not JSON", [], ["/desk/"]),
        # a fresh window: the page she is writing in stays as it is
        (json.dumps({"url": ALERT}), [ALERT], []),
    ],
    ids=["another site", "unreadable", "an alert"],
)
def test_a_tap_goes_to_the_worklist_that_is_open_or_to_a_fresh_page_of_ours(
    browser: Browser, live_server: LiveServer, people: Cast, data: str, opened: list[str], focused: list[str]
) -> None:
    with woken(browser, live_server.url, people.nurse) as (empty, name):
        page = empty.context.new_page()
        page.route("**/events/board/", lambda route: route.fulfill(status=502))
        page.goto("/desk/")
        expect(page.get_by_text("Checking every 30 seconds")).to_be_visible()
        worker = empty.context.service_workers[0]
        deliver(empty, live_server.url, name, data)
        assert [title for title, _, _ in shown(worker)] == ["Kypho Recovery: please open"]
        full = {"opened": [live_server.url + path for path in opened]}
        assert tapped(worker) == full | {"focused": [live_server.url + path for path in focused], "left": []}


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
        page.get_by_role("textbox", name="Address").press("Enter")
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
