"""Two managers at one plan: nobody overwrites what they have not seen. And plans older than push."""

import re
from typing import Any

import pytest

from alerts.lifecycle import plan_for, save_plan
from alerts.policy.plan import Plan, Step
from alerts.policy.policies import version_of
from tests.alerts.test_policy_page import POLICY, ROWS, TIER, browser, typed
from tests.patients.pages import text
from tests.people import Cast, make_staff

OLD = Plan(
    (Step(0, "nurse_on_call", channels=("board", "email")), Step(3, "everyone", channels=("email",))), 5, 10
)


def seen(page: str) -> int:
    """The version the page began with, of the plan for 911."""
    found = re.search(r'name="tier" value="call_911">\s*<input type="hidden" name="seen" value="(\d+)"', page)
    assert found
    return int(found[1])


def save(manager: Any, who: str, version: int, **others: Any) -> Any:
    return browser(manager).post(POLICY, typed([(0, who, ["email"])], was=1, seen=version, **others))


def test_the_second_of_two_managers_is_told_and_loses_nothing(people: Cast) -> None:
    other = make_staff(people.clinic, "manager", first_name="Mona")
    version = seen(text(browser(other).get(POLICY)))
    save(people.manager, "everyone", version)
    steps = [(0, "physician", ["email"]), (4, "everyone", ["sms"])]
    answer = browser(other).post(POLICY, typed(steps, was=2, seen=version))
    page = text(answer)
    assert "Mara Staff has saved this plan while you were changing it (“Fewer people at night”)." in page
    assert 'value="physician" selected' in page
    assert len(plan_for(people.clinic.pk, TIER).steps) == 1
    assert browser(other).post(POLICY, typed(steps, was=2, seen=seen(page))).status_code == 302
    assert len(plan_for(people.clinic.pk, TIER).steps) == 2


def test_a_preview_does_not_forget_what_it_began_with(people: Cast) -> None:
    save(people.manager, "everyone", 0)
    data = typed([(0, "everyone", ["email"])], was=1, seen=0) | {"preview": "1"}
    del data["save"]
    assert seen(text(browser(people.manager).post(POLICY, data))) == 0


@pytest.mark.parametrize("version", ["", "x", "²", "9" * 40, "-1"])
def test_a_version_that_is_none_counts_as_the_first(people: Cast, version: str) -> None:
    assert save(people.manager, "everyone", version).status_code == 302  # type: ignore[arg-type]
    assert save(people.manager, "everyone", version).status_code == 200  # type: ignore[arg-type]


def test_a_version_that_never_was_does_no_harm(people: Cast) -> None:
    assert save(people.manager, "everyone", 10**16).status_code == 302


def test_the_other_tier_is_no_conflict(people: Cast) -> None:
    save(people.manager, "everyone", 0)
    assert version_of(people.clinic.pk, "call_doctor_now") == 0
    assert version_of(people.other_clinic.pk, TIER) == 0


def test_a_plan_older_than_push_says_so_and_offers_it(people: Cast, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = "set"
    save_plan(people.clinic, TIER, OLD)
    page = text(browser(people.manager).get(POLICY))
    assert page.count("This plan does not use push to the devices of your staff.") == 1
    assert "Add push to every step" not in text(browser(people.nurse).get(POLICY))
    settings.VAPID_PRIVATE_KEY = ""
    assert "does not use push" not in text(browser(people.manager).get(POLICY))


def test_the_steps_without_push_are_named(people: Cast, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = "set"
    save_plan(people.clinic, TIER, Plan((*OLD.steps, Step(3, "everyone")), 5, 10))
    page = text(browser(people.manager).get(POLICY))
    assert "Steps 1, 2 of this plan do not use push" in page


def test_push_is_added_to_the_typed_rows_and_saved_only_by_the_manager(people: Cast, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = "set"
    save_plan(people.clinic, TIER, OLD)
    steps = [(0, "nurse_on_call", ["board", "email"]), (3, "everyone", ["email", "push"])]
    data = typed(steps, was=2, do="push", **{f"{TIER}-reason": ""})
    del data["save"]
    answer = browser(people.manager).post(POLICY, data)
    editor = answer.context["editors"][0]
    assert [row["channels"].value() for row in editor.rows] == [["board", "email", "push"], ["email", "push"]]
    assert editor.form["reason"].value() == "Push added to every step"
    assert "Not saved yet." in text(answer)
    assert plan_for(people.clinic.pk, TIER) == OLD
    assert f'name="{ROWS}-0-channels"' in text(answer)
