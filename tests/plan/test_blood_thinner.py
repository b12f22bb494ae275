"""The day to start a blood thinner again: planned, held back, asked about, over (clinical rules, M-MEDS-HOLD)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.plan.milestones import MilestoneStatus
from tests.plan.cast import NEW_YORK, one, patient, verdict, wall

KEY, STEP = "M-MEDS-HOLD:2026-06-05", "M-MEDS-HOLD"
HELD = patient(blood_thinner_held=True, thinner_restart_on="2026-06-05")
SECOND = timedelta(seconds=1)


def local(text: str) -> datetime:
    return wall(text).replace(tzinfo=NEW_YORK)


NINE = local("2026-06-05T09:00")


def step(now: datetime, record: dict[str, Any] = HELD, **state: Any) -> MilestoneStatus:
    return one(STEP, now, record, **state)


def test_before_nine_on_its_day_the_hold_goes_on_and_the_note_is_planned() -> None:
    found = step(NINE - SECOND)
    assert (found.status, found.reasons, found.due_utc) == ("active", (), NINE)
    assert found.text == "Your doctor will tell you when to start it. No day yet? Ask your clinic."
    no_day = step(NINE, patient(blood_thinner_held=True))
    assert (no_day.status, no_day.reasons, no_day.due_utc) == ("active", ("no_date_set",), None)
    assert no_day.text == found.text


def test_on_its_day_it_is_today() -> None:
    found = step(NINE)
    assert (found.status, found.due_utc) == ("reached", NINE)
    assert found.text == "Today is the day your doctor set to start your blood thinner."


def test_from_the_next_day_it_asks_for_a_week_and_is_over_then() -> None:
    asked = "Your doctor set Fri Jun 5 to start your blood thinner. Not started? Call your clinic today."
    for when in ("2026-06-06T00:00", "2026-06-12T23:59"):
        assert (step(local(when)).status, step(local(when)).text) == ("reached", asked)
    assert verdict(STEP, local("2026-06-13T00:00"), HELD) == ("ended",)
    assert verdict(STEP, local("2026-06-13T00:00"), HELD, tier="call_911") == ("ended",)


@pytest.mark.parametrize(
    "why",
    [
        {"tier": "call_doctor_now"},
        {"tier": "call_911"},
        {"tier": "watch", "open_signs": ["site_bleeding"]},
        {"open_signs": ["fall_hurt"]},
    ],
)
def test_what_withholds_it_does_so_from_its_time_on_only(why: dict[str, Any]) -> None:
    assert step(NINE - SECOND, **why).status == "active"
    found = step(NINE, **why)
    assert (found.status, found.text, found.due_utc) == ("withheld", "Call before you start it.", None)


def test_a_step_that_was_held_back_asks_first_until_a_clinician_sets_a_day_again() -> None:
    found = step(NINE + timedelta(hours=3), held_back=[KEY])
    assert (found.status, found.reasons) == ("ask_first", ("call_before_restart",))
    assert found.text == ("Your doctor set Fri Jun 5. It was held back. Call your clinic before you start it.")
    assert found.due_utc == NINE + timedelta(hours=3)
    assert step(NINE + timedelta(hours=3), held_back=[KEY], sent=[KEY]).due_utc is None
    # It never ends by itself, and a sign still comes before it.
    assert step(NINE + timedelta(days=60), held_back=[KEY]).status == "ask_first"
    assert step(NINE + timedelta(days=60), held_back=[KEY], open_signs=["fall_hurt"]).status == "withheld"
    again = patient(blood_thinner_held=True, thinner_restart_on="2026-06-09")
    assert step(NINE + timedelta(days=4), again, held_back=[KEY], sent=[KEY]).status == "reached"
    assert step(NINE + timedelta(days=4), again, held_back=[KEY], sent=[KEY]).due_utc is not None


def test_nobody_without_a_hold_reads_of_it() -> None:
    assert verdict(STEP, NINE, patient(thinner_restart_on="2026-06-05", blood_thinner_held=False)) == (
        "not_applicable",
    )
