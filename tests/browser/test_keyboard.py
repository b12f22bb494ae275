"""The four jobs of every day by the keyboard alone: the focus is seen, and a fresh list leaves it where it was."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from alerts.models import Alert
from patients.models import ClinicOverride, Patient
from recovery.care_plan import refresh
from recovery.models import DailyLog
from tests.browser.desk import DESK, log_now
from tests.browser.phone import phone
from tests.people import Cast, cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB

pytestmark = pytest.mark.django_db(transaction=True)
# The most presses of Tab from where a job begins to what it needs next.
NEAR = 12
# What a keyboard user sees of the focus: "" when it is marked and in sight, else what is wrong.
UNSEEN = """() => {
  const on = document.activeElement;
  if (!on || on === document.body) return "nothing has the focus";
  const about = on.outerHTML.slice(0, 120);
  const marks = [on, on.nextElementSibling, on.closest("label")].filter(Boolean);
  const drawn = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  if (!marks.some((one) => drawn(getComputedStyle(one))))
    return `no mark: ${about}`;
  const small = on.getBoundingClientRect();
  const box = small.width < 3 ? (on.nextElementSibling ?? on).getBoundingClientRect() : small;
  const top = document.querySelector(".top").getBoundingClientRect();
  const bar = on.closest(".top, .skip, dialog") ? 0 : top.bottom;
  if (box.bottom <= bar || box.top >= innerHeight) return `out of sight at ${box.top}: ${about}`;
  return "";
}"""


@pytest.fixture
def people(transactional_db: None, settings: Any) -> Cast:
    settings.STAFF_SECOND_FACTOR = False
    return cast()


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, people: Cast) -> Any:
    with phone(browser, live_server.url, people.nurse.user, viewport=DESK) as page:
        page.route("**/events/board/", lambda route: route.fulfill(status=502))
        yield page


def tab_to(page: Page, target: Locator, most: int = NEAR) -> None:
    """Press Tab until the target has the focus; all that has it on the way is seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(UNSEEN) == ""
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"not within {most} presses of Tab: {target}; at {page.evaluate(ABOUT)}")


def enter(page: Page) -> None:
    """Press Enter on what leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


ABOUT = "document.activeElement.outerHTML.slice(0, 160)"


def look_again(page: Page) -> None:
    with page.expect_response("**/desk/rows/*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_take_contact_and_close(desk: Page, people: Cast) -> None:
    alert = log_now(people.patient, people.procedure, **NUMB)
    assert alert
    desk.goto("/desk/")
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    expect(desk.get_by_text("You have Rosa Recovers’s alert")).to_be_visible()
    act = desk.locator("form.act")
    tab_to(desk, desk.get_by_role("link", name="Skip to the contact form"), 2)
    desk.keyboard.press("Enter")
    tab_to(desk, act.locator("[name=reached]").first, 2)
    desk.keyboard.press("Space")
    tab_to(desk, act.locator("[name=note]"), 2)
    desk.keyboard.type("Numb since the night, comes in at ten.")
    tab_to(desk, act.locator("[name=then]").first, 2)
    desk.keyboard.press("Space")
    if not act.locator("[name=then][value=done]").is_checked():
        desk.keyboard.press("ArrowRight")
    tab_to(desk, act.locator("[name=outcome]").first, 2)
    desk.keyboard.press("Space")
    tab_to(desk, act.get_by_role("button", name="Save"))
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("The alert is closed.")).to_be_visible()
    assert Alert.objects.get(pk=alert.pk).state == "resolved"


def test_a_silent_patient_is_worked_while_the_list_changes(desk: Page, people: Cast) -> None:
    silent = make_patient(people.clinic, "Silent")
    make_procedure(silent, timezone.now() - timedelta(days=5))
    refresh.refresh_due(timezone.now())
    desk.goto("/desk/?show=silent")
    row = desk.locator(f"#p-{silent.code}")
    desk.keyboard.press("j")
    tab_to(desk, row.get_by_role("button", name="Not reached"))
    look_again(desk)
    expect(row.get_by_role("button", name="Not reached")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("written down, not reached")).to_be_visible()
    assert Alert.objects.get(patient=silent).tries == 1
    # Back on the list the row is where the work goes on.
    expect(row.locator(".row-link")).to_be_focused()
    summary = row.locator("summary")
    tab_to(desk, summary)
    look_again(desk)
    expect(summary).to_be_focused()
    desk.keyboard.press("Enter")
    tab_to(desk, row.locator("[name=said]"), 1)
    desk.keyboard.type("His daughter helps at six")
    look_again(desk)
    expect(row.locator("[name=said]")).to_be_focused()
    tab_to(desk, row.get_by_role("button", name="Logs tomorrow by 10 AM"), 2)
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("promised to log by").first).to_be_visible()
    assert "His daughter helps at six" in Alert.objects.get(patient=silent).snooze_reason


def test_driving_is_held(desk: Page, people: Cast) -> None:
    log_now(people.patient, people.procedure, **NUMB)
    desk.goto(f"/desk/patients/{people.patient.code}/")
    hold = desk.locator('details.set:has(input[name="key"][value="no_drive_until"])').first
    tab_to(desk, desk.get_by_role("link", name="Skip to the plan"), 3)
    desk.keyboard.press("Enter")
    tab_to(desk, hold.locator("summary"))
    desk.keyboard.press("Enter")
    tab_to(desk, hold.locator("[name=reason]"))
    desk.keyboard.type("Foot drop, Dr. Shah")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("saved.")).to_be_visible()
    assert ClinicOverride.objects.get().reason == "Foot drop, Dr. Shah"


def test_anybody_is_found_and_their_log_taken(desk: Page, people: Cast) -> None:
    caller = make_patient(people.clinic, "Caller")
    make_procedure(caller)
    desk.goto("/desk/")
    desk.keyboard.press("/")
    desk.keyboard.type("call")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile("s="))
    expect(desk.get_by_role("button", name="Keys of this list")).to_be_visible()
    desk.keyboard.press("j")
    enter(desk)
    expect(desk.get_by_role("heading", level=1)).to_have_text("Caller Recovers")
    tab_to(desk, desk.get_by_role("link", name="Skip to the page"), 1)
    desk.keyboard.press("Enter")
    tab_to(desk, desk.get_by_role("link", name="Log by phone"), 14)
    enter(desk)
    tab_to(desk, desk.get_by_role("link", name="Skip to the page"), 1)
    desk.keyboard.press("Enter")
    tab_to(desk, desk.locator("#log-form [name=em_gate][value=none]"), 40)
    desk.keyboard.press("Space")
    tab_to(desk, desk.get_by_role("button", name="Send what is answered so far"), 80)
    enter(desk)
    assert DailyLog.objects.filter(patient=caller).exists()


def test_what_is_gone_gives_the_focus_to_no_other_button(desk: Page, people: Cast) -> None:
    """Enter on what the list moved under the cursor would take another patient's alert."""
    log_now(people.patient, people.procedure, **NUMB)
    other = make_patient(people.clinic, "Other")
    log_now(other, make_procedure(other), **BREATHLESS)
    desk.goto("/desk/")
    row = desk.locator(f"#p-{people.patient.code}")
    row.get_by_role("button", name="Take").focus()
    Alert.objects.filter(patient=people.patient).update(
        state="acked", acked_by=people.nurse2, acked_at=timezone.now(), ack_expires_at=timezone.now()
    )
    look_again(desk)
    expect(row.locator(".row-link")).to_be_focused()
    Patient.all_clinics.filter(pk=people.patient.pk).update(work_rank=9)
    row.evaluate("one => one.remove()")
    desk.keyboard.press("j")
    assert desk.evaluate("document.activeElement.tagName") == "A"
