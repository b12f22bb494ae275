"""Nobody on shift, nobody reachable, no policy: who is asked instead, and that the board says so."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.lifecycle import save_plan
from alerts.lifecycle.escalation import advance_due
from alerts.models import Delivery, Digest
from alerts.oncall.staffing import gap_warnings
from alerts.policy.plan import Plan, Step
from patients.models import ContactMethod, Staff
from recovery.desk.worklist import on_duty
from recovery.journey import digest
from tests.alerts.steps import CHEST, NUMB, raise_for, shift, told, what_happened
from tests.alerts.test_policy_page import browser
from tests.patients.pages import text
from tests.people import Cast, make_procedure

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    on_duty._kept.clear()


def worklist(staff: Staff) -> str:
    on_duty._kept.clear()
    return text(browser(staff).get("/desk/"))


def break_contacts(*staff: Staff) -> None:
    """Their e-mail is off, and they have no mobile."""
    for person in staff:
        off = {"verified_at": timezone.now(), "disabled_at": timezone.now()}
        ContactMethod.objects.create(user=person.user, kind="email", address=person.user.email, **off)


def test_with_nobody_on_shift_all_nurses_are_told_and_the_board_says_so(people: Cast) -> None:
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert told(alert) == [f"staff:{people.nurse.pk}", f"staff:{people.nurse2.pk}"]
    assert "Nobody is on call now: all nurses are told." in worklist(people.nurse)
    shift(people.nurse, now - DAY, 24 * 9)
    page = worklist(people.nurse)
    assert "Nobody is on call now" not in page
    assert "No nurse on call" not in page


def test_a_nurse_on_call_without_a_working_contact_is_passed_at_once(people: Cast) -> None:
    now = timezone.now()
    shift(people.nurse, now - DAY, 48)
    break_contacts(people.nurse)
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert told(alert) == [f"staff:{people.nurse2.pk}"]
    assert what_happened(alert) == ["opened", "step_empty", "told"]
    assert "No working contact for Nora Staff." in worklist(people.nurse2)


def test_with_every_contact_broken_the_board_shows_it_to_all_and_says_so(people: Cast) -> None:
    now = timezone.now()
    make_procedure(people.other_patient)
    break_contacts(people.nurse, people.nurse2, people.physician, people.manager)
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    assert told(alert) == []
    assert len(told(alert, "board")) == 4
    assert what_happened(alert).count("step_empty") == 4
    assert "nobody_reachable" in what_happened(alert)
    page = worklist(people.nurse)
    assert "Nobody can be reached away from this screen." in page
    assert "nobody of the plan could be reached" in page
    assert "Nobody can be reached" not in worklist(people.other_nurse)
    chart = text(browser(people.nurse).get(f"/desk/patients/{people.patient.code}/"))
    assert "Nobody of the plan could be reached" in chart
    assert advance_due(now + timedelta(minutes=5)) == 1


def test_when_only_the_manager_can_be_reached_the_manager_is(people: Cast) -> None:
    now = timezone.now()
    save_plan(people.clinic, "call_doctor_now", Plan((Step(0, "nurse_on_call"), Step(9, "physician")), 9, 9))
    break_contacts(people.nurse, people.nurse2, people.physician)
    alert = raise_for(people.patient, NUMB, now=now)
    advance_due(now)
    assert told(alert) == [f"staff:{people.manager.pk}"]
    assert "Nobody is on call now: the manager is told." in worklist(people.manager)


def test_the_preview_says_what_the_clock_would_do(people: Cast) -> None:
    break_contacts(people.nurse, people.nurse2, people.physician, people.manager)
    page = text(browser(people.nurse).get("/desk/policy/"))
    assert "No working contact for Nora Staff, Niles Staff. The next step comes at once." in page
    assert "Nobody at all can be reached away from the screen." in page


def test_coming_gaps_are_one_quiet_line_for_nurses_and_managers(people: Cast) -> None:
    now = timezone.now()
    shift(people.nurse, now - DAY, 48)
    shift(people.nurse2, now + 2 * DAY, 24)
    for who, seen in ((people.nurse, True), (people.manager, True), (people.physician, False)):
        page = worklist(who)
        assert ("No nurse on call " in page) is seen
        assert ("and once more in the next 7 days." in page) is seen


def test_managers_are_warned_once_a_day_by_the_morning(people: Cast, now: datetime, settings: Any) -> None:
    digest.send_due(now)
    morning = Digest.objects.get(clinic=people.clinic)
    digest.send_due(morning.due_at)
    mail = Delivery.objects.get(message="staff_gaps", recipient=f"staff:{people.manager.pk}")
    assert mail.key == f"gaps:{people.clinic.pk}:2026-06-11:staff:{people.manager.pk}:email"
    assert mail.context == {}
    assert Delivery.objects.filter(message="staff_gaps").count() == 1  # the other clinic has no manager
    shift(people.nurse, now, 24 * 30)
    assert gap_warnings(people.clinic.pk, date(2026, 6, 12), morning.due_at + DAY) == []
