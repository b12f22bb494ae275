"""Before a colleague's role or access changes, the manager reads what it touches; then nobody waits for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.lifecycle import AlertError, acknowledge, hand_over, record_contact, save_plan
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.staff_changes import Wanted, change_colleague, effects
from alerts.models import Alert, ShiftSwap
from alerts.oncall.staffing import cover
from alerts.oncall.swaps import offer
from alerts.policy.plan import Plan, Step
from patients.models import Staff
from patients.services.errors import NotPossible
from patients.services.lead import name_lead
from tests.alerts.steps import CHEST, NUMB, fresh, raise_for, shift, told, what_happened
from tests.alerts.test_policy_page import browser
from tests.patients.pages import text
from tests.people import Cast, make_patient, make_staff

CHANGE = "/desk/staff/change/"
HOUR = timedelta(hours=1)


def ask(people: Cast, person: Staff, action: str = "stop", **typed: Any) -> str:
    """Press the button; the page that follows."""
    answer = browser(people.manager).post(CHANGE, {"person": person.pk, "action": action, **typed}, follow=True)
    assert answer.status_code == 200
    return text(answer)


def stop(people: Cast, person: Staff, now: datetime) -> None:
    change_colleague(manager=people.manager, wanted=Wanted(person, False, person.role), now=now)


def test_shifts_steps_alerts_and_offers_are_named_before_access_stops(people: Cast) -> None:
    now = timezone.now()
    shift(people.nurse, now - HOUR, 8)
    later = shift(people.nurse, datetime(2031, 6, 10, 12, tzinfo=UTC), 8)
    offer(shift=later, by=people.nurse, to_staff=people.nurse2, now=now)
    save_plan(
        people.clinic, "call_911", Plan((Step(0, "nurse_on_call"), Step(3, "person", people.nurse.pk)), 5, 9)
    )
    alert = raise_for(people.patient, NUMB, now=now)
    acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    page = ask(people, people.nurse)
    for words in (
        "Stop the access of Nora Staff?",
        "Nothing has changed yet.",
        "Nora Staff holds 1 alert.",
        "Nora Staff has 2 shifts to come, and is on call right now.",
        "Tue Jun 10, 7:00 AM to 3:00 PM",
        "Call 911: step 2",
        "1 offer of a shift waits for an answer.",
    ):
        assert words in page
    people.nurse.refresh_from_db()
    assert people.nurse.active
    assert "Nora Staff has no access any more." in ask(people, people.nurse, sure="1")
    people.nurse.refresh_from_db()
    assert not people.nurse.active
    assert ShiftSwap.objects.get().state == ShiftSwap.State.WITHDRAWN


def test_only_what_is_touched_is_asked_about(people: Cast) -> None:
    assert "Nora Staff has no access any more." in ask(people, people.nurse)
    assert "No other physician works here." in ask(people, people.physician)
    people.physician.refresh_from_db()
    assert people.physician.active


def test_what_somebody_held_is_told_again_at_once_when_they_leave(people: Cast) -> None:
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    record_contact(alert=alert, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now)
    stop(people, people.nurse, now + HOUR)
    held = fresh(alert)
    assert (held.state, held.acked_by, held.next_step_at) == (Alert.State.OPEN, None, now + HOUR)
    advance_due(now + HOUR)
    assert told(alert) == [f"staff:{people.nurse2.pk}"]
    assert what_happened(alert)[-3:] == ["let_go", "no_one_on_call", "told"]
    assert "whoever had it has no access any more" in text(
        browser(people.nurse2).get(f"/desk/alerts/{alert.code}/", follow=True)
    )


def test_whoever_left_a_moment_ago_takes_nothing_and_is_given_nothing(people: Cast) -> None:
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    acknowledge(alert_code=alert.code, staff=people.nurse2, now=now)
    other = raise_for(make_patient(people.clinic, "Rolf"), NUMB, now=now)
    stop(people, Staff.objects.select_related("user", "clinic").get(pk=people.nurse.pk), now)
    assert people.nurse.active  # as her own request had read it before
    with pytest.raises(AlertError, match="no access"):
        acknowledge(alert_code=other.code, staff=people.nurse, now=now)
    with pytest.raises(AlertError, match="no access"):
        record_contact(alert=other, staff=people.nurse, level="contacted", note="", call_back_by=None, now=now)
    with pytest.raises(AlertError, match="Choose a colleague"):
        hand_over(alert=alert, to_staff=people.nurse, staff=people.nurse2, note="", now=now)
    assert (fresh(other).state, fresh(alert).acked_by) == (Alert.State.OPEN, people.nurse2)


def test_a_new_role_does_not_give_back_access_that_was_stopped_meanwhile(people: Cast) -> None:
    now = timezone.now()
    stop(people, Staff.objects.select_related("user", "clinic").get(pk=people.nurse.pk), now)
    with pytest.raises(NotPossible, match="Another manager has just changed Nora Staff"):
        change_colleague(manager=people.manager, wanted=Wanted(people.nurse, True, "physician"), now=now)
    people.nurse.refresh_from_db()
    assert (people.nurse.active, people.nurse.role) == (False, "nurse")


def test_what_a_colleague_holds_stays_with_them(people: Cast) -> None:
    now = timezone.now()
    alert = raise_for(people.patient, CHEST, now=now)
    acknowledge(alert_code=alert.code, staff=people.nurse2, now=now)
    stop(people, people.nurse, now)
    assert fresh(alert).acked_by == people.nurse2


@pytest.mark.parametrize("sure", [{}, {"sure": "1"}])
def test_a_new_role_keeps_the_shifts_and_says_so(people: Cast, sure: dict[str, str]) -> None:
    shift(people.nurse, timezone.now() - HOUR, 8)
    page = ask(people, people.nurse, "role", role="manager", **sure)
    assert ("They stay as they are." in page) == (not sure)
    people.nurse.refresh_from_db()
    assert people.nurse.role == ("manager" if sure else "nurse")


def test_the_shifts_of_somebody_with_a_new_role_leave_no_gap(people: Cast) -> None:
    now = timezone.now()
    shift(people.nurse, now - HOUR, 24 * 9)
    change_colleague(manager=people.manager, wanted=Wanted(people.nurse, True, "manager"), now=now)
    found = cover(people.clinic.pk, now)
    assert (found.no_nurse_now, found.gaps) == (False, ())


def test_a_role_that_stays_the_same_asks_nothing(people: Cast) -> None:
    shift(people.nurse, timezone.now(), 8)
    assert "Nora Staff is a nurse here." in ask(people, people.nurse, "role", role="nurse")


def test_many_shifts_are_counted_and_the_first_are_named(people: Cast) -> None:
    now = timezone.now()
    for day in range(8):
        shift(people.nurse, now + timedelta(days=day), 8)
    [effect] = effects(Wanted(people.nurse, False, "nurse"), now)
    assert effect.what == "Nora Staff has 8 shifts to come, and is on call right now."
    assert len(effect.named) == 6
    assert effect.named[-1] == "and 3 more shifts"


def test_another_clinics_shifts_and_alerts_do_not_count(people: Cast) -> None:
    shift(people.other_nurse, timezone.now(), 8)
    assert effects(Wanted(people.nurse, False, "nurse"), timezone.now()) == []
    make_staff(people.clinic, Staff.Role.MANAGER)
    assert "That is not possible." in ask(people, people.other_nurse)
    assert "cannot change your own" in ask(people, people.manager)


@pytest.mark.parametrize("role", ["", "manager", "physician"])
def test_the_medical_lead_is_named_before_nobody_can_sign(people: Cast, role: str) -> None:
    make_staff(people.clinic, Staff.Role.PHYSICIAN)
    name_lead(manager=people.manager, staff=people.physician, now=timezone.now())
    page = ask(people, people.physician, "role" if role else "stop", role=role)
    assert ("Priya Staff is the medical lead." in page) is (role != "physician")


def test_whoever_comes_back_to_the_question_begins_at_the_list(people: Cast) -> None:
    answer = browser(people.manager).get(CHANGE)
    assert (answer.status_code, answer.headers.get("location")) == (302, "/desk/staff/")
